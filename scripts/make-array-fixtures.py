"""Writes test/fixtures/array: files by numpy and safetensors, and what is in them as expected.json.

    pip install numpy==2.4.6 safetensors==0.8.0
    python scripts/make-array-fixtures.py
"""

import json
import pathlib

import numpy as np
from numpy.lib import format as npy
from safetensors.numpy import save_file

folder = pathlib.Path(__file__).parent.parent / "test" / "fixtures" / "array"
folder.mkdir(parents=True, exist_ok=True)
expected = {}


def record(name, array, dtype):
    values = [str(x) if dtype == "int64" else float(x) for x in array.reshape(-1)]
    expected[name] = {"shape": list(array.shape), "dtype": dtype, "values": values}


def limits(code):
    info = np.iinfo(code)
    return np.array([[info.min, info.max, 1], [7, 0, 2]], dtype=code)


floats = [[0.5, -2.0, 1.0], [65504.0, 6e-8, -0.0]]
ours = {"f2": "float32", "f4": "float32", "f8": "float64", "i1": "int32", "i2": "int32", "i4": "int32", "i8": "int64",
        "u1": "uint8", "u2": "int32", "u4": "int64", "u8": "int64"}
for code, dtype in ours.items():
    for order, mark in (("little", "<"), ("big", ">")):
        array = np.array(floats, mark + code) if code[0] == "f" else limits(mark + code)
        if code == "u8":
            array[0, 1] = 2**63 - 1
        name = f"{code}-{order}.npy"
        np.save(folder / name, array)
        record(name, array, dtype)

cube = np.arange(24, dtype="<f4").reshape(2, 3, 4)
np.save(folder / "fortran.npy", np.asfortranarray(cube))
record("fortran.npy", cube, "float32")
for name, array in {"bool": np.array([True, False]), "scalar": np.float64(3.25), "empty": np.zeros((2, 0, 3))}.items():
    np.save(folder / f"{name}.npy", array)
    record(f"{name}.npy", np.asarray(array), "bool" if name == "bool" else "float64")
for version in ((1, 0), (2, 0), (3, 0)):
    name = f"version-{version[0]}.npy"
    with open(folder / name, "wb") as file:
        npy.write_array(file, cube[0], version=version)
    record(name, cube[0], "float32")

refused = {"object": np.array([{}], object), "text": np.array(["a"]), "complex": np.array([1j]),
           "structure": np.zeros(1, [("a", "<f4")]), "time": np.array(["2020-01-01"], "M8[s]"),
           "uint64-too-large": np.array([2**64 - 1], "u8")}
for name, array in refused.items():
    np.save(folder / f"refused-{name}.npy", array, allow_pickle=True)

arrays = {"cube": cube, "labels": np.array([3, -1]), "mask": np.array([True, False]), "größe": np.float32(2)}
np.savez(folder / "stored.npz", **arrays)
np.savez_compressed(folder / "deflated.npz", zeros=np.zeros(3000, "f4"), **arrays)

tensors = {"weight": cube, "bias": np.array([1.5, -2.0], "f4"), "steps": np.array([2**62]), "mask": np.array([True, False, True]),
           "byte": np.array([255], "u1"), "double": np.array([[0.1]]), "index": np.array([-7], "i4"), "none": np.zeros((0, 3), "f4")}
save_file(tensors, folder / "ours.safetensors", metadata={"advect": "é \"1\"\n"})
save_file({"half": np.array(floats, "f2"), "narrow": np.array([-128], "i1"), "wide": np.array([2**32 - 1], "u4")},
          folder / "converted.safetensors")

(folder / "expected.json").write_text(json.dumps(expected, indent=0) + "\n")
