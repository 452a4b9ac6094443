"""What every Python peer shares: the scene, the check against our steps, the clock.

A benchmark is `make(scene, w, a, order) -> run`; `run()` does one step per entry of `order` (for full
batch only its length counts) and returns (W1', a), W1' as m rows of d + 1, once they are computed.
Nothing but `run()` is timed. Answers to lines on standard input are JSON: microseconds per step.
"""

import json
import sys
import time

import numpy as np

TOLERANCE = 1e-3  # of the largest weight, after one epoch or 20 full-batch steps in f32


class Scene:
    def __init__(self, path):
        with open(path) as file:
            data = json.load(file)
        f32 = lambda values: np.ascontiguousarray(values, np.float32)
        pair = lambda weights: (f32(weights[0]), f32(weights[1]))
        self.eta, self.rho = data["eta"], data["rho"]
        self.x, self.y = f32(data["x"]), f32(data["y"])
        self.order = np.array(data["order"], np.int32)
        self.full_steps, self.checked = data["full_steps"], data["checked"]
        self.starts = {name: pair(start["start"]) for name, start in data["starts"].items()}
        self.ends = {name: {k: pair(v) for k, v in start["end"].items()} for name, start in data["starts"].items()}

    def orders(self, kind):
        """For the check, and for the clock."""
        if kind == "1-SAM":
            return self.order[: len(self.y)], self.order
        return np.arange(self.checked), np.arange(self.full_steps)


def check(scene, label, kind, make):
    for name, start in scene.starts.items():
        found = make(scene, *start, scene.orders(kind)[0])()
        for part, ours in zip(found, scene.ends[name][kind]):
            error = np.abs(np.asarray(part) - ours).max() / np.abs(ours).max()
            if not error < TOLERANCE:
                sys.exit(f"{label}, {kind} {name}: differs from our steps by {error:.1e} of the largest weight")


def serve(version, benchmarks):
    """`benchmarks`: (label, kind, make) each."""
    scene = Scene(sys.argv[1])
    for label, kind, make in benchmarks:
        check(scene, label, kind, make)
        for start in scene.starts.values():
            make(scene, *start, scene.orders(kind)[1])()  # compile
    print(json.dumps({"ready": [label for label, _, _ in benchmarks], "version": version}), flush=True)
    for _ in sys.stdin:
        times = {}
        for label, kind, make in benchmarks:
            for name, start in scene.starts.items():
                order = scene.orders(kind)[1]
                run = make(scene, *start, order)
                clock = time.perf_counter()
                run()
                times[f"{label}|{kind} {name}"] = (time.perf_counter() - clock) * 1e6 / len(order)
        print(json.dumps(times), flush=True)
