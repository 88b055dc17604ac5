"""Writes tests/data/hdf5: the hard things of HDF5, as h5py writes them. Needs h5py and NumPy.

    python3 tests/data/make/hdf5.py

The values are closed forms, so that a test can state them again. Made with h5py 3.16 on HDF5 2.0.
"""
from pathlib import Path

import h5py
import numpy as np

FOLDER = Path(__file__).resolve().parent.parent / "hdf5"
TYPES = ["u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8"]


def grid(*shape):
    """0, 1, 2, … in C order"""
    return np.arange(np.prod(shape)).reshape(shape)


def odd_integer(group):
    """3-byte big-endian integers, which NumPy has not"""
    kind = h5py.h5t.STD_I32BE.copy()
    kind.set_precision(24)
    kind.set_size(3)
    dataset = h5py.h5d.create(group.id, b"int24", kind, h5py.h5s.create_simple((3,)))
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([-2, 70000, 5], "i4"))


def fill(file):
    for kind in TYPES:
        for order, name in (("<", "little"), (">", "big")):
            values = grid(2, 3) - (3 if kind[0] != "u" else 0)
            file[f"numbers/{name}/{kind}"] = values.astype(order + kind)
    odd_integer(file["numbers"])
    file["numbers/bool"] = np.array([True, False, True])
    file["numbers/true"] = np.bool_(True)
    colours = h5py.enum_dtype({"RED": 7, "GREEN": 300}, basetype=">i2")
    file.create_dataset("numbers/enum", data=np.array([300, 7], ">i2"), dtype=colours)
    file["numbers/scalar"] = 2.5

    text = file.create_group("text")
    text["variable"] = "grün"
    text.create_dataset("variable list", data=["a", "", "日本"], dtype=h5py.string_dtype())
    text.create_dataset("ascii", data="plain", dtype=h5py.string_dtype("ascii"))
    text["fixed"] = np.bytes_(b"abc")
    text["fixed list"] = np.array([b"Gaussian", b"x", b""], "S8")
    text.create_dataset("fixed utf-8", data="grün".encode(), dtype=h5py.string_dtype("utf-8", 5))
    text["latin-1"] = np.bytes_("grün".encode("latin-1"))
    text["opaque"] = np.void(b"raw bytes")
    text.create_dataset("none", shape=(0,), dtype=h5py.string_dtype())

    file["empty/null"] = h5py.Empty("f4")
    file["empty/zero"] = np.zeros((0, 4), "u2")

    file["odd/compound"] = np.array([(1, 2.0)], [("x", "i4"), ("y", "f8")])
    file.create_dataset("odd/lists", shape=(1,), dtype=h5py.vlen_dtype("i4"))[0] = np.arange(2, dtype="i4")
    file["odd/reference"] = file["empty/zero"].ref

    packed = file.create_group("packed")
    packed.create_dataset("plain", data=grid(5, 7).astype("u2"), chunks=(3, 4))
    packed.create_dataset(
        "all", data=grid(5, 7).astype("u2"), chunks=(3, 4), compression=6, shuffle=True, fletcher32=True
    )
    packed.create_dataset("gzip", data=grid(20, 30).astype("f4"), chunks=(8, 16), compression=1)
    holes = packed.create_dataset("holes", shape=(4, 4), dtype="i4", chunks=(2, 2), fillvalue=-7)
    holes[0:2, 0:2] = 1
    packed.create_dataset("lzf", data=np.zeros(500, "i4"), chunks=(500,), compression="lzf")

    attributes = file.create_group("attributes").attrs
    attributes["text"] = "grün"
    attributes["fixed"] = np.bytes_(b"abc")
    attributes["texts"] = ["a", "b"]
    attributes["number"] = 3
    attributes["numbers"] = np.array([0.5, 2.0], ">f4")
    attributes["flag"] = True
    attributes["empty"] = h5py.Empty("S1")
    attributes["reference"] = file["empty"].ref

    file["labelled"] = grid(2, 3).astype("u1")
    for axis, label in zip(file["labelled"].dims, "yx"):
        axis.label = label

    links = file.create_group("links")
    links["hard"] = file["numbers/scalar"]
    links["soft"] = h5py.SoftLink("/numbers/scalar")
    links["nowhere"] = h5py.SoftLink("/not/there")
    links["circle"] = file["/"]


def main():
    FOLDER.mkdir(exist_ok=True)
    with h5py.File(FOLDER / "old.h5", "w", libver=("earliest", "v110")) as file:
        fill(file)
    with h5py.File(FOLDER / "new.h5", "w", libver="latest") as file:
        fill(file)
    with h5py.File(FOLDER / "other.h5", "w") as file:
        file["group/data"] = grid(2, 2).astype("u1")
        file["back"] = h5py.ExternalLink("links.h5", "/")
        file["self"] = h5py.ExternalLink("other.h5", "/")
    with h5py.File(FOLDER / "links.h5", "w") as file:
        file["inside"] = grid(3).astype("u1")
        file["soft"] = h5py.SoftLink("/outside/group/data")
        file["outside"] = h5py.ExternalLink("other.h5", "/")
        file["missing"] = h5py.ExternalLink("missing.h5", "/")
        file.create_dataset("storage", shape=(4,), dtype="u1", external=[("other.h5", 0, 4)])
        layout = h5py.VirtualLayout((2, 2), "u1")
        layout[...] = h5py.VirtualSource("other.h5", "group/data", (2, 2))
        file.create_virtual_dataset("virtual", layout)


if __name__ == "__main__":
    main()
