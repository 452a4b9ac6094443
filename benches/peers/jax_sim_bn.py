"""One 1-SAM step of 2-MLP-Sim-BN in JAX: MSE, full training-set statistics, gradients through a_j.

    a_j = sqrt((1/n) sum_k relu(w_j . x_k + b_j)^2),   f(x) = sum_j v_j gamma_j relu(w_j . x + b_j) / a_j

The peer of `engine/sim_bn`. Three spellings of the same step, each jitted and scanned over an epoch:

    autodiff   jax.grad of the loss of one sample, twice
    closed     the gradient by hand, on matrices (n x m pre-activations, statistics by two products)
    transposed the same with the first layer stored (d + 1) x m

Before timing, all three are run from the same start and must agree. Prints one JSON line per spelling:
median microseconds per step over the repetitions.

    XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1" \
        taskset -c 0 python benches/peers/jax_sim_bn.py [--width 500] [--dim 30] [--samples 100]
"""

import argparse
import json
import statistics
import time

import jax
import jax.numpy as jnp
import numpy as np

ETA, RHO = 0.005, 0.1


def outputs(theta, x, xi):
    """f at one point; `x` is the whole training set with its bias coordinate."""
    w, gamma, v = theta
    a = jnp.sqrt(jnp.mean(jax.nn.relu(x @ w.T) ** 2, axis=0))
    return jnp.sum(v * gamma * jax.nn.relu(w @ xi) / a)


def autodiff(theta, x, i, y):
    loss = lambda t: (outputs(t, x, x[i]) - y) ** 2
    g = jax.grad(loss)(theta)
    norm = jnp.sqrt(sum(jnp.sum(p * p) for p in g))
    there = jax.tree.map(lambda p, q: p + RHO * q / norm, theta, g)
    return jax.tree.map(lambda p, q: p - ETA * q, theta, jax.grad(loss)(there))


def gradient(theta, x, i, y):
    """e, and grad f as the coefficient of x_i, that of q_j, q, and the gradients of gamma and v."""
    w, gamma, v = theta
    h = jax.nn.relu(x @ w.T)  # n x m
    a2 = jnp.mean(h * h, axis=0)
    hi = h[i]
    u = hi / jnp.sqrt(a2)
    on = hi > 0
    s = jnp.where(on, gamma * v / jnp.sqrt(a2), 0.0)
    q = h.T @ x / x.shape[0]  # m x (d + 1)
    grad_w = s[:, None] * x[i] - (s * hi / a2)[:, None] * q
    e = 2 * (jnp.dot(gamma * v, u) - y)
    return e, (grad_w, v * u, gamma * u)


def closed(theta, x, i, y):
    e, g = gradient(theta, x, i, y)
    s = RHO * jnp.sign(e) / jnp.sqrt(sum(jnp.sum(p * p) for p in g))
    there = tuple(p + s * q for p, q in zip(theta, g))
    e, g = gradient(there, x, i, y)
    return tuple(p - ETA * e * q for p, q in zip(theta, g))


def gradient_transposed(theta, x, i, y):
    """As `gradient`, the first layer (d + 1) x m."""
    w, gamma, v = theta
    h = jax.nn.relu(x @ w)
    a2 = jnp.mean(h * h, axis=0)
    hi = h[i]
    u = hi / jnp.sqrt(a2)
    s = jnp.where(hi > 0, gamma * v / jnp.sqrt(a2), 0.0)
    q = x.T @ h / x.shape[0]
    grad_w = s * x[i][:, None] - (s * hi / a2) * q
    e = 2 * (jnp.dot(gamma * v, u) - y)
    return e, (grad_w, v * u, gamma * u)


def transposed(theta, x, i, y):
    e, g = gradient_transposed(theta, x, i, y)
    s = RHO * jnp.sign(e) / jnp.sqrt(sum(jnp.sum(p * p) for p in g))
    there = tuple(p + s * q for p, q in zip(theta, g))
    e, g = gradient_transposed(there, x, i, y)
    return tuple(p - ETA * e * q for p, q in zip(theta, g))


def epochs(step):
    @jax.jit
    def run(theta, x, y, order):
        one = lambda t, i: (step(t, x, i, y[i]), None)
        return jax.lax.scan(one, theta, order)[0]

    return run


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--width", type=int, default=500)
    parser.add_argument("--dim", type=int, default=30)
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--repetitions", type=int, default=7)
    args = parser.parse_args()
    rng = np.random.default_rng(1)
    n, d, m = args.samples, args.dim, args.width
    x = np.concatenate([rng.choice([-1.0, 1.0], (n, d)), np.ones((n, 1))], 1).astype(np.float32)
    y = (x[:, 0] * x[:, 1]).astype(np.float32)
    uniform = lambda shape, fan: rng.uniform(-1, 1, shape).astype(np.float32) / np.float32(np.sqrt(fan))
    start = (uniform((m, d + 1), d), np.full(m, 0.2, np.float32), uniform(m, m))
    order = jnp.asarray(np.concatenate([rng.permutation(n) for _ in range(5)]))
    flip = lambda t: (t[0].T, t[1], t[2])
    spellings = {
        "autodiff": (autodiff, start),
        "closed": (closed, start),
        "transposed": (transposed, flip(start)),
    }
    runs = {name: (epochs(step), tuple(map(jnp.asarray, theta))) for name, (step, theta) in spellings.items()}
    ends = {name: run(theta, x, y, order[:n]) for name, (run, theta) in runs.items()}
    ends["transposed"] = flip(ends["transposed"])
    for name, end in ends.items():
        for p, q in zip(end, ends["autodiff"]):
            assert np.allclose(p, q, rtol=1e-3, atol=1e-4), name
    times = {name: [] for name in runs}
    for name, (run, theta) in runs.items():
        jax.block_until_ready(run(theta, x, y, order))
    for _ in range(args.repetitions):
        for name, (run, theta) in runs.items():
            start = time.perf_counter()
            jax.block_until_ready(run(theta, x, y, order))
            times[name].append((time.perf_counter() - start) / len(order) * 1e6)
    for name, t in times.items():
        print(json.dumps({"peer": "jax", "spelling": name, "jax": jax.__version__, "us": statistics.median(t)}))


if __name__ == "__main__":
    main()
