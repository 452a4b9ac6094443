"""C: closed_form.c, compiled by gcc and called through ctypes."""

import ctypes
import pathlib
import subprocess
import tempfile

import numpy as np

import peer

FLAGS = ["-O3", "-march=native", "-ffast-math", "-mprefer-vector-width=512", "-shared", "-fPIC"]


def library():
    source = pathlib.Path(__file__).with_name("closed_form.c")
    target = pathlib.Path(tempfile.mkdtemp()) / "libclosed_form.so"
    subprocess.run(["gcc", *FLAGS, source, "-o", target, "-lm"], check=True)
    return ctypes.CDLL(str(target)).closed_form


def aligned(rows, columns):
    """Zeros on a 64-byte boundary."""
    raw = np.zeros(rows * columns + 16, np.float32)
    offset = -raw.ctypes.data % 64 // 4
    return raw[offset : offset + rows * columns].reshape(rows, columns)


def make(scene, w, a, order):
    m, columns = w.shape
    stride = -(-columns // 16) * 16
    w1, x, last, z = aligned(m, stride), aligned(len(scene.y), stride), a.copy(), np.zeros(m, np.float32)
    w1[:, :columns] = w
    x[:, :columns] = scene.x
    order = order.astype(np.uint32)
    labels = np.ascontiguousarray(scene.y[order])
    pointer = lambda array: ctypes.c_void_p(array.ctypes.data)
    sizes = [ctypes.c_long(size) for size in (len(order), m, stride)]
    rates = [ctypes.c_float(scene.eta), ctypes.c_float(scene.rho)]

    def run():
        RUN(*(pointer(array) for array in (w1, last, z, x, order, labels)), *sizes, *rates)
        return w1[:, :columns], last

    return run


if __name__ == "__main__":
    RUN = library()
    RUN.restype = None
    gcc = subprocess.run(["gcc", "-dumpfullversion"], capture_output=True, text=True).stdout.strip()
    peer.serve(f"gcc {gcc}", [("C, closed form, inactive rows skipped", "1-SAM", make)])
