"""Writes tests/data/inputs: small files by writers that are not ours, and the table of what must be read from them.

Needs numpy, h5py, tifffile with imagecodecs, Pillow, pypng. Run: python tests/data/make/inputs.py

Every element is a formula of its position, see `base` and `values`; tests/inputs/formula.ts repeats it.
"""

import io
import json
import pathlib
import zipfile

import h5py
import numpy as np
import png
import tifffile
from PIL import Image

OUT = pathlib.Path(__file__).parent.parent / "inputs"
SIZES = {"t": 2, "z": 3, "y": 4, "x": 5, "c": 2}
WEIGHTS = {"t": 41, "z": 29, "y": 7, "x": 13, "c": 83}
DTYPES = "bool uint8 uint16 uint32 uint64 int8 int16 int32 int64 float16 float32 float64".split()

table = []


def base(axes, shape):
    grids = np.meshgrid(*[np.arange(n, dtype="int64") for n in shape], indexing="ij")
    return (sum(WEIGHTS[a] * g for a, g in zip(axes, grids)) + 5) % 251


def values(axes, shape, dtype):
    b = base(axes, shape)
    return {
        "bool": lambda: b % 2 == 1,
        "uint8": lambda: b,
        "uint16": lambda: b * 257 + 3,
        "uint32": lambda: b * 16777259 + 7,
        "uint64": lambda: b.astype("uint64") * np.uint64(2**55) + np.uint64(9),
        "int8": lambda: b - 125,
        "int16": lambda: b * 257 - 32000,
        "int32": lambda: b * 16777259 - 2000000000,
        "int64": lambda: b * 2**54 - 2**60,
        "float16": lambda: b / 4 - 20,
        "float32": lambda: b / 7 - 3,
        "float64": lambda: b / 7 - 3,
    }[dtype]().astype(dtype)


def make(axes, dtype="uint8", **sizes):
    shape = tuple({**SIZES, **sizes}[a] for a in axes)
    return values(axes, shape, dtype)


def expect(file, array, axes, explicit=True, **more):
    """A row of the table: `axes` are also the order in which the formula was used."""
    table.append({"file": file, "shape": list(array.shape), "axes": axes, "dtype": str(array.dtype), "explicit": explicit, **more})


def tags(axes, resolution=None):
    flags = {"c": 1, "t": 8}
    return json.dumps({"axes": [
        {"key": a, "typeFlags": flags.get(a, 2), "resolution": (resolution or {}).get(a, 0), "description": ""} for a in axes
    ]})


def hdf5():
    with h5py.File(OUT / "table.h5", "w", libver="latest") as f:
        for dtype in DTYPES:
            for axes in ["yx", "xy", "yxc", "cyx", "zyx", "zyxc", "tyx", "tzyxc"]:
                array = make(axes, dtype)
                d = f.create_dataset(f"{dtype}/{axes}", data=array)
                d.attrs["axistags"] = tags(axes)
                expect(f"table.h5/{dtype}/{axes}", array, axes)
        for dtype in ["uint16", "int32", "int64", "float16", "float32", "float64"]:
            array = make("zyx", dtype)
            f.create_dataset(f"big/{dtype}", data=array, dtype=array.dtype.newbyteorder(">"))
            expect(f"table.h5/big/{dtype}", array, "zyx", explicit=False)
        packed = {
            "gzip": {"compression": "gzip"},
            "shuffled": {"compression": "gzip", "shuffle": True, "fletcher32": True},
            "chunked": {},
        }
        for name, options in packed.items():
            array = make("zyxc", "uint16", z=5, y=6, x=7, c=3)
            f.create_dataset(f"packed/{name}", data=array, chunks=(2, 3, 4, 2), **options)
            expect(f"table.h5/packed/{name}", array, "zyxc", explicit=False, chunk=[2, 3, 4, 2])
        array = make("zyx")
        f.create_dataset("packed/lzf", data=array, compression="lzf")
        reversed_list = f.create_dataset("names/list", data=make("tyx"))
        reversed_list.attrs["axes"] = ["x", "y", "t"]
        expect("table.h5/names/list", make("tyx"), "tyx")
        text = f.create_dataset("names/text", data=make("cyx"))
        text.attrs["axes"] = "XYC"
        expect("table.h5/names/text", make("cyx"), "cyx")
        unknown = f.create_dataset("names/unknown", data=make("zyx"))
        unknown.attrs["axistags"] = tags("?yx")
        expect("table.h5/names/unknown", make("zyx"), "zyx", explicit=False)
        labelled = f.create_dataset("names/labels", data=make("cyx"))
        for i, a in enumerate("cyx"):
            labelled.dims[i].label = a
        expect("table.h5/names/labels", make("cyx"), "cyx")
        full = f.create_dataset("meta", data=make("zyx"))
        full.attrs["axistags"] = tags("zyx", {"z": 2.5, "y": 0.4, "x": 0.4})
        full.attrs["axis_units"] = json.dumps({"z": "um", "y": "um", "x": "um"})
        full.attrs["drange"] = np.array([3, 77], "uint8")
        full.attrs["display_mode"] = "grayscale"
        expect("table.h5/meta", make("zyx"), "zyx", meta={
            "pixelSize": {"z": 2.5, "y": 0.4, "x": 0.4}, "units": {"z": "um", "y": "um", "x": "um"},
            "drange": [3, 77], "displayMode": "grayscale"})
        f["compound"] = np.zeros((4, 5), dtype=[("a", "u1"), ("b", "f4")])
        f["one"] = np.arange(7)
        f["empty"] = np.zeros((0, 4), "uint8")
        f["link"] = h5py.SoftLink("/uint8/yx")
        expect("table.h5/link", make("yx"), "yx")
        f["outside"] = h5py.ExternalLink("single.h5", "/a/b")
        expect("table.h5/outside", make("zyx"), "zyx", explicit=False)
    with h5py.File(OUT / "single.h5", "w", libver="latest") as f:
        f["a/b"] = make("zyx")
        f["vector"] = np.arange(9)
        f["six"] = np.zeros((1,) * 6)
        f["text"] = "nothing"
    expect("single.h5", make("zyx"), "zyx", explicit=False)
    with h5py.File(OUT / "slices.h5", "w", libver="latest") as f:
        for t in range(3):
            f[f"t{t}/data"] = values("tzyx", (3, 2, 4, 5), "uint8")[t]


def npy_bytes(array, version=None):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, version=version)
    return out.getvalue()


def numpy():
    cases = {
        "c.npy": (make("zyx"), None),
        "fortran.npy": (np.asfortranarray(make("zyxc", "int16")), None),
        "big.npy": (make("yxc", "uint16").astype(">u2"), None),
        "big_fortran.npy": (np.asfortranarray(make("tzyxc", "float64").astype(">f8")), None),
        "v2.npy": (make("yx", "float16"), (2, 0)),
        "v3.npy": (make("yx", "bool"), (3, 0)),
        "wide.npy": (make("zyx", "uint64", z=2, y=3, x=400), None),
    }
    for name, (array, version) in cases.items():
        (OUT / name).write_bytes(npy_bytes(array, version))
        axes = {2: "yx", 3: "yxc" if array.shape[-1] <= 4 else "zyx", 4: "zyxc", 5: "tzyxc"}[array.ndim]
        expect(name, array.astype(array.dtype.newbyteorder("=")), axes, explicit=False)
    (OUT / "record.npy").write_bytes(npy_bytes(np.zeros((3, 4), dtype=[("a", "u1")])))
    (OUT / "complex.npy").write_bytes(npy_bytes(np.zeros((3, 4), dtype="complex64")))
    np.savez(OUT / "two.npz", a=make("yx"), b=np.asfortranarray(make("zyxc", "int16")))
    expect("two.npz/a", make("yx"), "yx", explicit=False)
    expect("two.npz/b", make("zyxc", "int16"), "zyxc", explicit=False)
    np.savez_compressed(OUT / "one.npz", only=make("zyx", "float32"), vector=np.arange(3))
    expect("one.npz", make("zyx", "float32"), "zyx", explicit=False)
    with zipfile.ZipFile(OUT / "empty.npz", "w"):
        pass


def png_images():
    for depth in (1, 2, 4, 8, 16):
        for interlaced in (False, True):
            for grey, alpha, planes in ((True, False, 1), (True, True, 2), (False, False, 3), (False, True, 4)):
                if depth < 8 and planes > 1:
                    continue
                name = f"png_{depth}_{planes}{'_interlaced' if interlaced else ''}.png"
                shape = (9, 11, planes)
                samples = values("yxc", shape, "uint16" if depth == 16 else "uint8")
                stored = samples >> (8 - depth) if depth < 8 else samples
                writer = png.Writer(11, 9, greyscale=grey, alpha=alpha, bitdepth=depth, interlace=interlaced)
                with open(OUT / name, "wb") as out:
                    writer.write(out, stored.reshape(9, -1).tolist())
                expect(name, samples, "yxc", **({"bits": depth} if depth < 8 else {}))
    for bits in (1, 2, 4, 8):
        image = Image.new("P", (11, 9))
        image.putpalette([v for i in range(256) for v in (i, 255 - i, (3 * i) % 256)])
        image.putdata([int(v) for v in (base("yx", (9, 11)) >> (8 - bits)).ravel()])
        image.save(OUT / f"png_palette_{bits}.png", bits=bits, transparency=0)
        expect(f"png_palette_{bits}.png", make("yxc", y=9, x=11, c=3), "yxc", palette=bits)
    image = Image.fromarray(make("yx", y=33, x=65))
    image.save(OUT / "png_pillow.png", optimize=True)
    expect("png_pillow.png", make("yxc", y=33, x=65, c=1), "yxc")


def main():
    OUT.mkdir(exist_ok=True)
    hdf5()
    numpy()
    png_images()
    (OUT / "table.json").write_text("[\n" + ",\n".join(map(json.dumps, table)) + "\n]\n")


main()
