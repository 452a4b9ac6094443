"""JAX: closed form of 1-SAM in one compiled scan, W1' stored (d+1) x m; full batch by jax.grad."""

import jax
import jax.numpy as jnp
import numpy as np

import peer


def closed_form(unroll):
    @jax.jit
    def epochs(w, a, xs, ys, eta, rho):
        def step(theta, sample):
            w, a = theta
            x, y = sample
            z = x @ w
            s = jnp.where(z > 0, a, 0.0)
            h = jnp.maximum(z, 0.0)
            square = x @ x
            e = 2 * (a @ h - y)
            kappa = rho * jnp.sign(e) / jnp.sqrt(square * (s @ s) + h @ h)
            u = z + kappa * square * s
            up = jnp.maximum(u, 0.0)
            above = a + kappa * h
            move = -eta * 2 * (above @ up - y)
            c = jnp.where(u > 0, move * above, 0.0)
            return (w + x[:, None] * c, a + move * up), None

        return jax.lax.scan(step, (w, a), (xs, ys), unroll=unroll)[0]

    def make(scene, w, a, order):
        theta = jnp.asarray(w.T), jnp.asarray(a)
        xs, ys = jnp.asarray(scene.x[order]), jnp.asarray(scene.y[order])

        def run():
            w1, last = jax.block_until_ready(epochs(*theta, xs, ys, scene.eta, scene.rho))
            return np.asarray(w1).T, np.asarray(last)

        return run

    return make


def loss(theta, x, y):
    w, a = theta
    return jnp.mean((jax.nn.relu(x @ w) @ a - y) ** 2)


@jax.jit
def descend(theta, x, y, eta, steps):
    def step(theta, _):
        return jax.tree.map(lambda p, g: p - eta * g, theta, jax.grad(loss)(theta, x, y)), None

    return jax.lax.scan(step, theta, steps)[0]


def full_batch(scene, w, a, order):
    theta = jnp.asarray(w.T), jnp.asarray(a)
    x, y, steps = jnp.asarray(scene.x), jnp.asarray(scene.y), jnp.asarray(order)

    def run():
        w1, last = jax.block_until_ready(descend(theta, x, y, scene.eta, steps))
        return np.asarray(w1).T, np.asarray(last)

    return run


if __name__ == "__main__":
    peer.serve(
        f"JAX {jax.__version__}",
        [
            ("JAX, closed form, scan", "1-SAM", closed_form(1)),
            ("JAX, closed form, scan unrolled by 4", "1-SAM", closed_form(4)),
            ("JAX, grad and scan", "full batch", full_batch),
        ],
    )
