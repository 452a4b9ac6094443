"""PyTorch: SAM as people write it (an optimiser class around autograd), and as fast as we could make it.

class       two nn.Linear, an optimiser with a first and a second step
compiled    closed form, 25 steps unrolled into one compiled function; W1' stored m x (d+1) or transposed
"""

import numpy as np
import torch
from torch import nn

import peer

torch.set_num_threads(1)
UNROLLED = 25


class Sam(torch.optim.Optimizer):
    """Climb by rho g/||g||, then descend from where we were with the gradient found there."""

    def __init__(self, parameters, eta, rho):
        super().__init__(parameters, dict(rho=rho))
        self.descent = torch.optim.SGD(self.param_groups, lr=eta)
        self.param_groups = self.descent.param_groups

    @torch.no_grad()
    def climb(self):
        for group in self.param_groups:
            norm = torch.stack([p.grad.norm() for p in group["params"]]).norm()
            for p in group["params"]:
                self.state[p]["here"] = p.detach().clone()
                p.add_(p.grad, alpha=float(group["rho"] / (norm + 1e-12)))
        self.zero_grad()

    @torch.no_grad()
    def descend(self):
        for group in self.param_groups:
            for p in group["params"]:
                p.copy_(self.state[p]["here"])
        self.descent.step()
        self.zero_grad()


def module(w, a):
    d = w.shape[1] - 1
    net = nn.Sequential(nn.Linear(d, len(a)), nn.ReLU(), nn.Linear(len(a), 1, bias=False))
    with torch.no_grad():
        net[0].weight.copy_(torch.from_numpy(w[:, :d].copy()))
        net[0].bias.copy_(torch.from_numpy(w[:, d].copy()))
        net[2].weight.copy_(torch.from_numpy(a[None].copy()))
    return net


def weights(net):
    w, b, a = (p.detach().numpy() for p in net.parameters())
    return np.concatenate([w, b[:, None]], 1), a[0]


def sam_class(scene, w, a, order):
    net = module(w, a)
    x, y = torch.from_numpy(scene.x[:, :-1].copy()), torch.from_numpy(scene.y)
    sam = Sam(net.parameters(), scene.eta, scene.rho)
    loss = nn.MSELoss()

    def run():
        for i in order.tolist():
            xi, yi = x[i : i + 1], y[i : i + 1]
            loss(net(xi)[:, 0], yi).backward()
            sam.climb()
            loss(net(xi)[:, 0], yi).backward()
            sam.descend()
        return weights(net)

    return run


def full_batch(scene, w, a, order):
    net = module(w, a)
    x, y = torch.from_numpy(scene.x[:, :-1].copy()), torch.from_numpy(scene.y)
    sgd = torch.optim.SGD(net.parameters(), lr=scene.eta)
    loss = nn.MSELoss()

    def run():
        for _ in range(len(order)):
            sgd.zero_grad()
            loss(net(x)[:, 0], y).backward()
            sgd.step()
        return weights(net)

    return run


def unrolled(transposed):
    """`UNROLLED` steps; the gradient of a sample has rank one, so one product with W1' is enough."""

    def steps(w, a, xs, ys, eta, rho):
        for t in range(UNROLLED):
            x, y = xs[t], ys[t]
            column = x[:, None] if transposed else x[None, :]
            z = (w * column).sum(0 if transposed else 1)
            on = (z > 0).float()
            square = (x * x).sum()
            s = on * a
            h = on * z
            e = 2 * ((a * h).sum() - y)
            kappa = rho * torch.sign(e) / torch.sqrt(square * (s * s).sum() + (h * h).sum())
            u = z + kappa * square * s
            up = torch.relu(u)
            above = a + kappa * h
            move = -eta * 2 * ((above * up).sum() - y)
            c = move * above * (u > 0).float()
            w = w + (c[None, :] * column if transposed else c[:, None] * column)
            a = a + move * up
        return w, a

    return torch.compile(steps, fullgraph=True, dynamic=False)


def compiled(transposed):
    steps = unrolled(transposed)

    def make(scene, w, a, order):
        w = torch.from_numpy(np.ascontiguousarray(w.T if transposed else w))
        a = torch.from_numpy(a.copy())
        xs = torch.from_numpy(scene.x[order]).split(UNROLLED)
        ys = torch.from_numpy(scene.y[order]).split(UNROLLED)

        @torch.no_grad()
        def run():
            now = w, a
            for x, y in zip(xs, ys):
                now = steps(*now, x, y, scene.eta, scene.rho)
            w1, last = (p.numpy() for p in now)
            return (w1.T if transposed else w1), last

        return run

    return make


if __name__ == "__main__":
    peer.serve(
        f"PyTorch {torch.__version__}",
        [
            ("PyTorch, SAM optimiser class", "1-SAM", sam_class),
            ("PyTorch, closed form compiled, 25 steps", "1-SAM", compiled(False)),
            ("PyTorch, closed form compiled, 25 steps, transposed", "1-SAM", compiled(True)),
            ("PyTorch, autograd and SGD", "full batch", full_batch),
        ],
    )
