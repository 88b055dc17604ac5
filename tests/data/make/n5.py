"""Writes tests/data/inputs/table.n5 and n5.json, its rows of the table. Needs zarr 2.18 (later versions have no N5).

Run before inputs.py: python tests/data/make/n5.py
"""

import json
import pathlib
import shutil

import numpy as np
import zarr
from numcodecs import Blosc, GZip

OUT = pathlib.Path(__file__).parent.parent / "inputs"
WEIGHTS = {"t": 41, "z": 29, "y": 7, "x": 13, "c": 83}
SHAPES = {"yx": (4, 5), "zyx": (3, 5, 7)}


def base(axes):
    grids = np.meshgrid(*[np.arange(n) for n in SHAPES[axes]], indexing="ij")
    return (sum(WEIGHTS[a] * g for a, g in zip(axes, grids)) + 5) % 251


def main():
    rows = []
    shutil.rmtree(OUT / "table.n5", ignore_errors=True)
    root = zarr.open_group(zarr.N5FSStore(str(OUT / "table.n5")), mode="w")
    values = {
        "uint8": lambda b: b, "int16": lambda b: b * 257 - 32000, "uint32": lambda b: b * 16777259 + 7,
        "int64": lambda b: b * 2**54 - 2**60, "float32": lambda b: b / 7 - 3, "float64": lambda b: b / 7 - 3,
    }
    for dtype, value in values.items():
        array = value(base("yx")).astype(dtype)
        root.create_dataset(f"dtypes/{dtype}", data=array, chunks=(4, 5), compressor=None)
        rows.append({"file": f"table.n5/dtypes/{dtype}", "shape": [4, 5], "axes": "yx", "dtype": dtype, "explicit": False})
    codecs = {"raw": None, "gzip": GZip(1), "blosc": Blosc()}
    for name, codec in codecs.items():
        array = (base("zyx") * 257 + 3).astype("uint16")
        root.create_dataset(f"codecs/{name}", data=array, chunks=(2, 3, 4), compressor=codec)
        rows.append({"file": f"table.n5/codecs/{name}", "shape": [3, 5, 7], "axes": "zyx", "dtype": "uint16",
                     "explicit": False, "chunk": [2, 3, 4]})
    named = root.create_dataset("named", data=base("zyx").astype("uint8"), chunks=(3, 5, 7), compressor=None)
    path = OUT / "table.n5/named/attributes.json"
    attributes = json.loads(path.read_text())
    path.write_text(json.dumps({**attributes, "axes": ["x", "y", "z"], "drange": [3, 77]}))
    rows.append({"file": "table.n5/named", "shape": [3, 5, 7], "axes": "zyx", "dtype": "uint8", "explicit": True,
                 "meta": {"drange": [3, 77]}})
    (OUT / "n5.json").write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n")


main()
