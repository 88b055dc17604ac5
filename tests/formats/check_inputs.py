#!/usr/bin/env python3
"""Writes files with h5py, tifffile, Pillow, imageio, imagecodecs, NumPy, zarr and tensorstore, lets the program convert
them to NumPy files, and compares every value with what was written.

  check_inputs.py FOLDER [PROGRAM]     prints failures and `N passed, N failed`; exit code 1 if anything failed

PROGRAM is a command line (default: `scripts/ilastik-headless` of this repository). Each row is one file: a format, an
element type, an order of axes, a number of channels and a way of storing. Needs Python 3.11 and `requirements.txt`.
"""

import itertools
import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import imagecodecs
import imageio.v3
import numpy as np
import tensorstore
import tifffile
import zarr
import zarr.codecs
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
INTEGERS = "uint8 uint16 uint32 uint64 int8 int16 int32 int64".split()
FLOATS = "float16 float32 float64".split()
SIZES = {"t": 3, "z": 5, "y": 13, "x": 17, "c": 2}
SIZES_RGB = {**SIZES, "c": 3}
SIZES_RGBA = {**SIZES, "c": 4}


def values(dtype, shape, seed=0):
    """all bits of whole numbers; fractions with NaN and infinities"""
    random = np.random.default_rng([seed, *shape])
    dtype = np.dtype(dtype)
    if dtype == bool:
        return random.integers(0, 2, shape).astype(bool)
    if dtype.kind in "ui":
        info = np.iinfo(dtype)
        return random.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
    array = (random.normal(size=shape) * 100).astype(dtype)
    array.flat[:3] = [np.nan, np.inf, -np.inf]
    return array


class Table:
    """Rows: what to give to the program, and what must come out."""

    def __init__(self, folder):
        self.folder = folder
        self.rows = []

    def path(self, extension):
        return self.folder / f"f{len(self.rows):04d}.{extension}"

    def add(self, path, array, axes, why, inner="", given=False):
        """axes: those of the file; given: the program is told"""
        self.rows.append({"path": path, "inner": inner, "array": array, "axes": axes, "why": why, "given": given})


def shape_of(axes, sizes=None):
    return tuple((sizes or SIZES)[axis] for axis in axes)


def axistags(axes):
    flags = {"c": 1, "t": 8}
    tags = [{"key": a, "typeFlags": flags.get(a, 2), "resolution": 0, "description": ""} for a in axes]
    return json.dumps({"axes": tags})


def write_hdf5(table):
    stores = {
        "contiguous": {},
        "chunked": {"chunks": True},
        "gzip": {"chunks": True, "compression": "gzip"},
        "gzip shuffle": {"chunks": True, "compression": "gzip", "shuffle": True},
        "lzf": {"chunks": True, "compression": "lzf"},
        "fletcher32": {"chunks": True, "fletcher32": True},
    }
    orders = ["yx", "xyc", "cyx", "zyxc", "tcyx", "tzyxc", "cxyzt"]
    for dtype, order, (store, options) in itertools.product(["bool", *INTEGERS, *FLOATS], orders, stores.items()):
        for endian in "<>" if store == "contiguous" and np.dtype(dtype).itemsize > 1 else "<":
            array = values(dtype, shape_of(order))
            path = table.path("h5")
            if "chunks" in options:
                options = {**options, "chunks": tuple(min(n, 4) for n in array.shape)}
            with h5py.File(path, "w") as file:
                stored = array.dtype.newbyteorder(endian)
                dataset = file.create_dataset("a/b", data=array.astype(stored), **options)
                dataset.attrs["axistags"] = axistags(order)
            table.add(path, array, order, f"hdf5 {endian} {store}", inner="a/b")
    for shape, order in [((13, 17), "yx"), ((13, 17, 3), "yxc"), ((5, 13, 17), "zyx"), ((5, 13, 17, 2), "zyxc")]:
        path = table.path("h5")
        array = values("uint16", shape)
        with h5py.File(path, "w", libver="latest") as file:
            file["data"] = array
        table.add(path, array, order, "hdf5 newest version, no axes")


def write_numpy(table):
    for dtype, (order, sizes) in itertools.product(
        ["bool", *INTEGERS, *FLOATS], [("yx", SIZES), ("yxc", SIZES_RGB), ("zyx", SIZES), ("zyxc", SIZES), ("tzyxc", SIZES)]
    ):
        array = values(dtype, shape_of(order, sizes))
        for kind in ("C", "F", ">"):
            stored = np.asfortranarray(array) if kind == "F" else array
            if kind == ">":
                stored = array.astype(array.dtype.newbyteorder(">"))
            path = table.path("npy")
            np.save(path, stored)
            table.add(path, array, order, f"npy {kind}")
        for save in (np.savez, np.savez_compressed):
            path = table.path("npz")
            save(path, other=np.zeros(3), name=array)
            table.add(path, array, order, save.__name__, inner="name")


def write_tiff(table):
    compressions = {
        "none": {},
        "lzw": {"compression": "lzw"},
        "deflate": {"compression": "zlib"},
        "packbits": {"compression": "packbits"},
        "zstd": {"compression": "zstd"},
        "lzma": {"compression": "lzma"},
    }
    layouts = {"strips": {"rowsperstrip": 4}, "tiles": {"tile": (16, 16)}, "one strip": {}}
    dtypes = [*INTEGERS, *FLOATS]
    for dtype, (name, packed), (layout, options) in itertools.product(dtypes, compressions.items(), layouts.items()):
        for byteorder, big in [("<", False), (">", True)]:
            for order, sizes, photometric in [("yx", SIZES, "minisblack"), ("yxc", SIZES_RGB, "rgb")]:
                if photometric == "rgb" and dtype not in ("uint8", "uint16", "float32"):
                    continue
                array = values(dtype, shape_of(order, sizes))
                path = table.path("tif")
                tifffile.imwrite(
                    path, array, byteorder=byteorder, bigtiff=big, photometric=photometric, metadata=None, **packed, **options
                )
                table.add(path, array, order, f"tiff {byteorder} {name} {layout} {photometric}")
    for dtype, name in itertools.product(["uint8", "uint16", "uint32", "int16", "float32", "float64"], ["lzw", "zlib", "zstd"]):
        for order, sizes in [("yx", SIZES), ("yxc", SIZES_RGB)]:
            array = values(dtype, shape_of(order, sizes))
            path = table.path("tif")
            tifffile.imwrite(
                path, array, compression=name, predictor=True, rowsperstrip=5, metadata=None,
                photometric="rgb" if "c" in order else "minisblack",
            )
            table.add(path, array, order, f"tiff {name} predictor")
    for dtype, name in itertools.product(["uint8", "uint16", "float32"], compressions):
        array = values(dtype, shape_of("cyx", SIZES_RGB))
        path = table.path("tif")
        tifffile.imwrite(path, array, planarconfig="separate", photometric="rgb", metadata=None, **compressions[name])
        table.add(path, array, "cyx", f"tiff {name} planes")
        array = values(dtype, shape_of("yxc", SIZES_RGBA))
        path = table.path("tif")
        tifffile.imwrite(path, array, photometric="rgb", extrasamples=["unassalpha"], metadata=None, **compressions[name])
        table.add(path, array, "yxc", f"tiff {name} rgba")
    for order in ("yx", "zyx", "tyx", "cyx", "zcyx", "tzyx", "tzcyx"):
        for dtype in ("uint8", "uint16", "float32"):
            array = values(dtype, shape_of(order))
            path = table.path("tif")
            tifffile.imwrite(path, array, imagej=True, metadata={"axes": order.upper()})
            table.add(path, array, order, "tiff imagej")
        for dtype, packed in itertools.product([*INTEGERS[:3], *INTEGERS[4:7], *FLOATS[1:]], ("none", "lzw", "zstd")):
            array = values(dtype, shape_of(order))
            path = table.path("tif")
            tifffile.imwrite(
                path, array, ome=True, photometric="minisblack", metadata={"axes": order.upper()}, **compressions[packed]
            )
            table.add(path, array, order, f"tiff ome {packed}")
    for name in (None, "group4", "group3", "packbits"):
        array = values(bool, shape_of("yx"))
        path = table.path("tif")
        Image.fromarray(array).save(path, compression=name)
        table.add(path, array, "yx", f"tiff pillow 1 bit {name}")


def write_images(table):
    ways = {
        ("png", "L"): "uint8", ("png", "LA"): "uint8", ("png", "RGB"): "uint8", ("png", "RGBA"): "uint8",
        ("png", "I;16"): "uint16", ("bmp", "L"): "uint8", ("bmp", "RGB"): "uint8", ("gif", "L"): "uint8",
        ("pgm", "L"): "uint8", ("ppm", "RGB"): "uint8", ("pgm", "I;16"): "uint16",
        ("tif", "L"): "uint8", ("tif", "RGB"): "uint8", ("tif", "RGBA"): "uint8", ("tif", "I;16"): "uint16",
        ("tif", "I"): "int32", ("tif", "F"): "float32",
    }
    for ((extension, mode), dtype), seed in itertools.product(ways.items(), range(3)):
        channels = 1 if mode in ("L", "I;16", "I", "F") else len(mode)
        height, width = [(13, 17), (1, 40), (64, 3)][seed]
        array = values(dtype, (height, width, channels), seed)
        path = table.path(extension)
        image = Image.fromarray(array[..., 0] if channels == 1 else array)
        assert image.mode == mode, image.mode
        image.save(path)
        table.add(path, array, "yxc", f"{extension} pillow {mode}")
    for extension, mode in itertools.product(["png", "bmp", "tif"], ["1", "P"]):
        path = table.path(extension)
        if mode == "1":
            array = values(bool, shape_of("yx"))
            Image.fromarray(array).save(path)
            table.add(path, array if extension == "tif" else array.astype("u1") * 255, "yx", f"{extension} pillow 1 bit")
        elif extension != "tif":
            image = Image.fromarray(values("uint8", (13, 17, 3))).quantize(7)
            image.save(path)
            table.add(path, np.asarray(image.convert("RGB")), "yxc", f"{extension} pillow palette")
    for extension, dtype, order in itertools.product(["png", "tiff", "bmp"], ["uint8", "uint16"], ["yx", "yxc"]):
        if extension == "bmp" and dtype == "uint16" or extension == "png" and dtype == "uint16" and order == "yxc":
            continue  # Pillow, which imageio uses, has none of these
        array = values(dtype, shape_of(order, SIZES_RGB))
        path = table.path(extension)
        imageio.v3.imwrite(path, array)
        table.add(path, array, order, f"{extension} imageio")
    for dtype, channels in itertools.product(["uint8", "uint16"], [1, 2, 3, 4]):
        array = values(dtype, (13, 17, channels))
        path = table.path("png")
        path.write_bytes(imagecodecs.png_encode(array.squeeze()))
        table.add(path, array, "yxc", "png imagecodecs")
    for mode, quality, subsampling in itertools.product(["L", "RGB", "CMYK"], [50, 75, 95], [0, 1, 2]):
        smooth = np.add.outer(np.arange(64), np.arange(48)).astype("u1")
        path = table.path("jpg")
        image = Image.fromarray(np.dstack([smooth + 40 * i for i in range(len(mode))]).astype("u1").squeeze(), mode)
        options = {} if mode == "L" else {"subsampling": subsampling}
        image.save(path, quality=quality, progressive=subsampling == 1, **options)
        array = imagecodecs.jpeg_decode(path.read_bytes(), outcolorspace="CMYK" if mode == "CMYK" else None)
        table.add(path, array, "yx" if mode == "L" else "yxc", f"jpg pillow {mode} {quality} {subsampling}")
    for seed in range(3):
        path = table.path("hdr")
        array = np.exp(np.random.default_rng(seed).normal(size=(16, 40, 3)) * 3).astype("f4")
        path.write_bytes(imagecodecs.rgbe_encode(array, header=True))
        table.add(path, imagecodecs.rgbe_decode(path.read_bytes()), "yxc", "hdr imagecodecs")


def write_zarr(table):
    compressors = {
        "none": None,
        "zlib": {"id": "zlib", "level": 1},
        "gzip": {"id": "gzip", "level": 5},
        "zstd": {"id": "zstd", "level": 3},
        "lz4": {"id": "lz4"},
        **{f"blosc {c} {s}": {"id": "blosc", "cname": c, "shuffle": s, "clevel": 5, "blocksize": 0}
           for c, s in itertools.product(["lz4", "zstd", "zlib", "blosclz", "lz4hc"], [0, 1, 2])},
    }
    codecs = zarr.codecs
    packers = {
        "none": None,
        "gzip": codecs.GzipCodec(level=3),
        "zstd": codecs.ZstdCodec(level=3),
        "zstd checksum": codecs.ZstdCodec(level=3, checksum=True),
        **{f"blosc {c} {s}": codecs.BloscCodec(cname=c, shuffle=s)
           for c, s in itertools.product(["lz4", "zstd", "zlib"], ["noshuffle", "shuffle", "bitshuffle"])},
    }
    orders = ["yx", "zyx", "cyx", "zyxc", "tczyx"]
    import numcodecs

    for dtype, (name, config) in itertools.product(["bool", *INTEGERS, *FLOATS], compressors.items()):
        for order in orders if name == "none" else ["zyxc"]:
            for endian, layout, separator in [("<", "C", "."), (">", "F", "/")]:
                array = values(dtype, shape_of(order))
                path = table.path("zarr")
                store = zarr.create_array(
                    path, shape=array.shape, chunks=tuple(min(n, 4) for n in array.shape), zarr_format=2, order=layout,
                    dtype=np.dtype(dtype).newbyteorder(endian), filters=None,
                    compressors=None if config is None else numcodecs.get_codec(config),
                    chunk_key_encoding={"name": "v2", "separator": separator},
                )
                store[...] = array
                store.attrs["axistags"] = axistags(order)
                table.add(path, array, order, f"zarr 2 {endian} {layout} {name}")
    for dtype, (name, codec), sharded in itertools.product(["bool", *INTEGERS, *FLOATS], packers.items(), [None, "start", "end"]):
        for order in orders if name == "none" else ["zyxc"]:
            array = values(dtype, shape_of(order))
            chunks = tuple(min(n, 4) for n in array.shape)
            path = table.path("zarr")
            store = zarr.create_array(
                path, shape=array.shape, chunks=chunks, dtype=dtype, zarr_format=3, compressors=codec,
                shards={"shape": tuple(2 * n for n in chunks), "index_location": sharded} if sharded else None, dimension_names=list(order),
                serializer="auto" if np.dtype(dtype).itemsize == 1 or sharded else codecs.BytesCodec(endian="big"),
            )
            store[...] = array
            table.add(path, array, order, f"zarr 3 {name} {f'index at the {sharded}' if sharded else ''}")


def write_tensorstore(table):
    def write(spec, path, array):
        spec = {**spec, "kvstore": {"driver": "file", "path": f"{path}/"}}
        store = tensorstore.open(spec, create=True, dtype=array.dtype, shape=array.shape).result()
        store.write(array).result()

    n5 = [{"type": "raw"}, {"type": "gzip", "level": 4}, {"type": "zstd", "level": 3},
          *({"type": "blosc", "cname": c, "shuffle": s, "clevel": 5} for c, s in itertools.product(["lz4", "zstd"], [0, 1, 2]))]
    for dtype, packed, order in itertools.product([*INTEGERS, *FLOATS[1:]], n5, ["yx", "zyxc", "tczyx"]):
        array = values(dtype, shape_of(order))
        path = table.path("n5")
        # N5 counts the fastest axis first.
        edge = [4] * array.ndim
        write({"driver": "n5", "metadata": {"compression": packed, "blockSize": edge}}, path / "a", array.T)
        table.add(path, array, order, f"n5 tensorstore {packed}", inner="a", given=True)
    for dtype, packed in itertools.product(["uint8", "uint16", "int32", "float32", "float64"], [["zstd"], ["gzip"], ["blosc"], []]):
        array = values(dtype, shape_of("zyx"))
        path = table.path("zarr")
        edge = [4, 8, 8]
        inner = [{"name": "bytes", "configuration": {"endian": "little"}}, *({"name": name} for name in packed)]
        codecs = [{"name": "sharding_indexed", "configuration": {
            "chunk_shape": [2, 4, 4], "codecs": inner, "index_location": "start" if dtype == "uint8" else "end"}}]
        metadata = {"chunk_grid": {"name": "regular", "configuration": {"chunk_shape": edge}}, "codecs": codecs}
        write({"driver": "zarr3", "metadata": metadata}, path, array)
        table.add(path, array, "zyx", f"zarr 3 tensorstore sharded {packed}")


def convert(table, program, out):
    """one call per order of axes that must be given, one for all others"""
    groups = {}
    for row in table.rows:
        groups.setdefault(row["axes"] if row["given"] else "", []).append(row)
    for axes, rows in groups.items():
        names = [f"{row['path']}/{row['inner']}".rstrip("/") for row in rows]
        options = [f"--input_axes={axes}"] if axes else []
        subprocess.run(
            [*program, f"--new_project={out / 'p.ilp'}", "--workflow=DataConversionWorkflow", "--output_format=numpy",
             f"--output_filename_format={out}/{{nickname}}", *options, "--inputs_from=-"],
            input="\n".join(names), text=True, stdout=subprocess.DEVNULL, stderr=(out / f"log_{axes}.txt").open("w"),
        )


def check(row, out):
    name = "-".join([row["path"].stem, *row["inner"].split("/")]).rstrip("-")
    path = out / f"{name}.npy"
    assert path.exists(), "nothing was written"
    got, wanted = np.load(path), row["array"]
    if "c" not in row["axes"]:
        wanted = wanted[..., np.newaxis]
    assert got.dtype == wanted.dtype, f"type {got.dtype}, expected {wanted.dtype}"
    assert got.squeeze().shape == wanted.squeeze().shape, f"shape {got.shape}, expected {wanted.shape}"
    same = got.reshape(wanted.shape) == wanted
    if wanted.dtype.kind == "f":
        same |= np.isnan(wanted) & np.isnan(got.reshape(wanted.shape))
    assert same.all(), f"{(~same).sum()} of {same.size} values differ"


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    folder = Path(sys.argv[1]).resolve()
    program = shlex.split(sys.argv[2]) if len(sys.argv) == 3 else [str(ROOT / "scripts" / "ilastik-headless")]
    shutil.rmtree(folder, ignore_errors=True)
    out = folder / "out"
    out.mkdir(parents=True)
    table = Table(folder)
    for write in (write_hdf5, write_numpy, write_tiff, write_images, write_zarr, write_tensorstore):
        before = len(table.rows)
        write(table)
        print(f"{write.__name__}: {len(table.rows) - before} files")
    convert(table, program, out)
    passed = failed = 0
    for row in table.rows:
        try:
            check(row, out)
            passed += 1
        except Exception as error:
            failed += 1
            print(f"FAIL {row['path'].name} {row['why']} {row['array'].dtype} {row['axes']} {row['array'].shape}: {error}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
