"""One 1-SAM step of 2-MLP-Sim-BN in JAX: MSE, full training-set statistics, gradients through a_j.

    a_j = sqrt((1/n) sum_k relu(w_j . x_k + b_j)^2),   f(x) = sum_j v_j gamma_j relu(w_j . x + b_j) / a_j

The peer of `engine/sim_bn`. Three spellings of the same step, each jitted and scanned over all steps:

    autodiff   jax.grad of the loss of one sample, twice
    closed     the gradient by hand, on matrices (n x m pre-activations, statistics by two products)
    transposed the same with the first layer stored (d + 1) x m
"""

import jax
import jax.numpy as jnp
import numpy as np

import peer


def outputs(theta, x, xi):
    """f at one point; `x` is the whole training set with its bias coordinate."""
    w, gamma, v = theta
    a = jnp.sqrt(jnp.mean(jax.nn.relu(x @ w.T) ** 2, axis=0))
    return jnp.sum(v * gamma * jax.nn.relu(w @ xi) / a)


def autodiff(theta, x, i, y, eta, rho):
    loss = lambda t: (outputs(t, x, x[i]) - y) ** 2
    g = jax.grad(loss)(theta)
    norm = jnp.sqrt(sum(jnp.sum(p * p) for p in g))
    there = jax.tree.map(lambda p, q: p + rho * q / norm, theta, g)
    return jax.tree.map(lambda p, q: p - eta * q, theta, jax.grad(loss)(there))


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


def closed(theta, x, i, y, eta, rho):
    e, g = gradient(theta, x, i, y)
    s = rho * jnp.sign(e) / jnp.sqrt(sum(jnp.sum(p * p) for p in g))
    there = tuple(p + s * q for p, q in zip(theta, g))
    e, g = gradient(there, x, i, y)
    return tuple(p - eta * e * q for p, q in zip(theta, g))


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


def transposed(theta, x, i, y, eta, rho):
    e, g = gradient_transposed(theta, x, i, y)
    s = rho * jnp.sign(e) / jnp.sqrt(sum(jnp.sum(p * p) for p in g))
    there = tuple(p + s * q for p, q in zip(theta, g))
    e, g = gradient_transposed(there, x, i, y)
    return tuple(p - eta * e * q for p, q in zip(theta, g))


def scanned(step, flip):
    """A benchmark; `flip` brings the first layer into the step's layout, and back."""

    @jax.jit
    def steps(theta, x, y, order, eta, rho):
        one = lambda t, i: (step(t, x, i, y[i], eta, rho), None)
        return jax.lax.scan(one, theta, order)[0]

    def make(scene, w, gamma, v, order):
        theta = tuple(map(jnp.asarray, (flip(w), gamma, v)))
        x, y, order = jnp.asarray(scene.x), jnp.asarray(scene.y), jnp.asarray(order)

        def run():
            end = jax.block_until_ready(steps(theta, x, y, order, scene.eta, scene.rho))
            return flip(np.asarray(end[0])), np.asarray(end[1]), np.asarray(end[2])

        return run

    return make


as_is, turned = (lambda w: w), (lambda w: w.T)
benchmarks = [
    ("JAX autodiff", "Sim-BN", scanned(autodiff, as_is)),
    ("JAX closed form", "Sim-BN", scanned(closed, as_is)),
    ("JAX closed form, transposed", "Sim-BN", scanned(transposed, turned)),
]
if __name__ == "__main__":
    peer.serve(f"JAX {jax.__version__}", benchmarks)
