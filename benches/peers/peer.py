"""What every Python peer shares: the scene, the check against our steps, the clock.

A benchmark is `make(scene, w, a, order) -> run`; `run()` does one step per entry of `order` (for full
batch only its length counts) and returns (W1', a), W1' as m rows of d + 1, once they are computed. With
batch norm the parameters are w, gamma, v, in that order.
Nothing but `run()` is timed. Answers to lines on standard input are JSON: microseconds per step.
"""

import json
import sys
import time

import numpy as np

TOLERANCE = 1e-3  # of the largest weight, after one epoch or 20 full-batch steps in f32


class Scene:
    def __init__(self, data):
        f32 = lambda values: np.ascontiguousarray(values, np.float32)
        parts = lambda weights: tuple(map(f32, weights))
        self.eta, self.rho = data["eta"], data["rho"]
        self.x, self.y = f32(data["x"]), f32(data["y"])
        self.order = np.array(data["order"], np.int32)
        self.full_steps, self.checked = data["full_steps"], data["checked"]
        self.starts = {name: parts(start["start"]) for name, start in data["starts"].items()}
        self.ends = {name: {k: parts(v) for k, v in start["end"].items()} for name, start in data["starts"].items()}

    def orders(self, kind):
        """For the check, and for the clock."""
        if kind == "full batch":
            return np.arange(self.checked), np.arange(self.full_steps)
        return self.order[: len(self.y)], self.order

    def end(self, name, kind):
        """Where our steps lead."""
        return self.ends[name]["full batch" if kind == "full batch" else "1-SAM"]


def scenes(path):
    """Per kind of step."""
    with open(path) as file:
        data = json.load(file)
    bias = Scene(data)
    return {"1-SAM": bias, "full batch": bias, "Sim-BN": Scene(data["sim_bn"])}


def check(scene, label, kind, make):
    for name, start in scene.starts.items():
        found = make(scene, *start, scene.orders(kind)[0])()
        for part, ours in zip(found, scene.end(name, kind)):
            error = np.abs(np.asarray(part) - ours).max() / np.abs(ours).max()
            if not error < TOLERANCE:
                sys.exit(f"{label}, {kind} {name}: differs from our steps by {error:.1e} of the largest weight")


def serve(version, benchmarks):
    """`benchmarks`: (label, kind, make) each."""
    of = scenes(sys.argv[1])
    for label, kind, make in benchmarks:
        scene = of[kind]
        check(scene, label, kind, make)
        for start in scene.starts.values():
            make(scene, *start, scene.orders(kind)[1])()  # compile
    print(json.dumps({"ready": [label for label, _, _ in benchmarks], "version": version}), flush=True)
    for _ in sys.stdin:
        times = {}
        for label, kind, make in benchmarks:
            scene = of[kind]
            for name, start in scene.starts.items():
                order = scene.orders(kind)[1]
                run = make(scene, *start, order)
                clock = time.perf_counter()
                run()
                times[f"{label}|{kind} {name}"] = (time.perf_counter() - clock) * 1e6 / len(order)
        print(json.dumps(times), flush=True)
