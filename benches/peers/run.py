"""Runs ours and all peers side by side on one core and prints one table.

    python benches/peers/run.py [--core 0] [--rounds 7] [--epochs 20000] [--only jax_sam.py ...]

Every side is a process of its own, pinned to the same core and idle unless asked; a round asks each in
turn, so all see the same minutes of the machine. Times are medians over the rounds.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
SCRIPTS = ["closed_form.py", "jax_sam.py", "pytorch_sam.py", "jax_sim_bn.py"]
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
    "CUDA_VISIBLE_DEVICES": "",
}


class Side:
    """A process that answers a line with times."""

    def __init__(self, core, command):
        command = ["taskset", "-c", str(core), *map(str, command)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env={**os.environ, **ONE_THREAD})
        self.version = self.answer()["version"]

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(self.process.args)} ended with code {self.process.wait()}")
        return json.loads(line)

    def ask(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.answer()

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def bench():
    """The path of our bench, built."""
    command = ["cargo", "bench", "--bench", "peers", "--no-run", "--message-format=json"]
    built = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=HERE)
    messages = map(json.loads, built.stdout.splitlines())
    return [m["executable"] for m in messages if m.get("executable") and m["target"]["name"] == "peers"][-1]


def table(kind, times):
    """Median microseconds, early and late, and how many times ours."""
    key = lambda label, when: f"{label}|{kind} {when}"
    labels = sorted({k.split("|")[0] for k in times if f"|{kind} " in k}, key=lambda l: times[key(l, "late")][0])
    ours = {when: times[key("flatproof", when)][0] for when in ("early", "late")}
    print(f"\n{kind}, us per step: median (least)\n")
    print("| | early | late | early / ours | late / ours |")
    print("|---|---|---|---|---|")
    for label in labels:
        early, late = times[key(label, "early")], times[key(label, "late")]
        cells = [f"{median:.2f} ({least:.2f})" for median, least in (early, late)]
        ratios = [f"{early[0] / ours['early']:.2f}", f"{late[0] / ours['late']:.2f}"]
        print("|", " | ".join([label, *cells, *ratios]), "|")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--epochs", type=int, default=20_000, help="epochs before 'late'; for Sim-BN a tenth")
    parser.add_argument("--only", nargs="+", default=SCRIPTS)
    parser.add_argument("--bench", help="our bench, already built")
    args = parser.parse_args()
    scene = pathlib.Path(tempfile.mkdtemp()) / "scene.json"
    ours = Side(args.core, [args.bench or bench(), "--scene", scene, "--epochs", args.epochs])
    sides = [Side(args.core, [sys.executable, HERE / script, scene]) for script in args.only]
    found = {}
    for round in range(args.rounds):
        answers = {f"flatproof|{name}": us for name, us in ours.ask().items()}
        for side in sides:
            answers.update(side.ask())
        for name, us in answers.items():
            found.setdefault(name, []).append(us)
        print(f"round {round + 1} of {args.rounds}", file=sys.stderr)
    print("flatproof", ours.version, "against", ", ".join(side.version for side in sides))
    for side in [ours, *sides]:
        side.end()
    times = {name: (statistics.median(us), min(us)) for name, us in found.items()}
    for kind in ("1-SAM", "full batch", "Sim-BN"):
        table(kind, times)


if __name__ == "__main__":
    main()
