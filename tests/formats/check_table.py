#!/usr/bin/env python3
"""Reads what `write_table.ts` wrote with h5py, NumPy, tifffile, imagecodecs, Pillow and zarr, and compares every value,
and pixel sizes, units, positions, names and colours where the format carries them.

  check_table.py FOLDER        prints failures and `N passed, N failed`; exit code 1 if anything failed

Formats that none of these libraries reads (N5, Khoros, Radiance, portable any-maps) are parsed here from their
specifications. Needs Python 3.11 and `requirements.txt`.
"""

import gzip
import json
import sys
from pathlib import Path

import h5py
import imagecodecs
import numpy as np
import tifffile
import zarr
from PIL import Image

ORDER = "tzyxc"
LOSSY = ("jpg", "jpeg")
KHOROS = {1: "u1", 2: "<i2", 4: "<i4", 5: "<f4", 9: "<f8"}


SIZES = {"t": 3.0, "z": 2.0, "y": 0.25, "x": 0.5, "c": 1.0}
ORIGIN = {"t": 0.0, "z": 40.0, "y": -7.5, "x": 100.0, "c": 0.0}


def equal(got, wanted, what):
    assert got == wanted, f"{what}: {got}, expected {wanted}"


def check_tags(attributes, axes, channels):
    """attributes of HDF5 and N5"""
    tags = {tag["key"]: tag["resolution"] for tag in json.loads(attributes["axistags"])["axes"]}
    equal(tags, {a: 0 if a == "c" else SIZES[a] for a in axes}, "resolution")
    equal(json.loads(attributes["axis_units"]), {"t": "s", "z": "um", "y": "um", "x": "um"}, "units")
    equal(list(attributes["channel_names"]), [f"class {c}" for c in range(channels)], "names")
    equal(np.asarray(attributes["class_colors"]).tolist(), [[255, 0, c] for c in range(channels)], "colours")


def check_ome_zarr(group, channels):
    ome = group.attrs.get("ome", group.attrs)
    image = ome["multiscales"][0]
    axes = "".join(axis["name"] for axis in image["axes"])
    units = {"t": "second", "z": "micrometer", "y": "micrometer", "x": "micrometer"}
    equal({axis["name"]: axis.get("unit") for axis in image["axes"]}, {"c": None, **units}, "units")
    full = group[image["datasets"][0]["path"]].shape
    for level in image["datasets"]:
        factors = [n / m for n, m in zip(full, group[level["path"]].shape)]
        scale, translation = level["coordinateTransformations"]
        equal((scale["type"], translation["type"]), ("scale", "translation"), "transformations")
        equal(scale["scale"], [SIZES[a] * f for a, f in zip(axes, factors)], "scale")
        # the centre of the first pixel of a level: half a pixel of it, less half a pixel of the image
        centres = [ORIGIN[a] + SIZES[a] * (f / 2 - 0.5) for a, f in zip(axes, factors)]
        equal(translation["translation"], centres, "translation")
    equal([c["label"] for c in ome["omero"]["channels"]], [f"class {c}" for c in range(channels)], "names")
    equal([c["color"] for c in ome["omero"]["channels"]], [f"FF00{c:02X}" for c in range(channels)], "colours")


def check_ome_tiff(file, part, origin):
    pixels = tifffile.xml2dict(file.ome_metadata)["OME"]["Image"]["Pixels"]
    equal([pixels[f"PhysicalSize{a.upper()}"] for a in "xyz"], [SIZES[a] for a in "xyz"], "sizes")
    equal({pixels[f"PhysicalSize{a}Unit"] for a in "XYZ"}, {"µm"}, "units")
    equal((pixels["TimeIncrement"], pixels["TimeIncrementUnit"]), (3, "s"), "time")
    equal([pixels["Plane"][f"Position{a.upper()}"] for a in "xyz"], [origin[a] for a in "xyz"], "position")
    channels = pixels["Channel"] if isinstance(pixels["Channel"], list) else [pixels["Channel"]]
    equal(len(channels), part.shape[-1], "channels")
    for channel in channels:
        equal(channel["Color"] & 0xFFFFFFFF, 0xFF0000FF | int(channel["Name"].split()[1]) << 8, "colour")


def check_imagej(file, part):
    width, height = ([a for a in "xyzt" if part.shape[ORDER.index(a)] > 1] + ["x"])[:2]
    if part.shape[ORDER.index(height)] == 1:
        return  # a single row: no size of a second axis
    meta, tags = file.imagej_metadata, file.pages[0].tags
    units = {"t": "s", "z": "um", "y": "um", "x": "um"}
    equal((meta["unit"], meta.get("yunit", meta["unit"])), (units[width], units[height]), "units")
    for axis, tag, key in ((width, "XResolution", "xorigin"), (height, "YResolution", "yorigin")):
        top, bottom = tags[tag].value
        equal(bottom / top, SIZES[axis], tag)
        equal(meta.get(key, 0.0), -ORIGIN[axis] / SIZES[axis], key)


def content(row):
    """the array that was written, in the order t z y x c"""
    i = np.arange(np.prod(row["shape"]))
    dtype = np.dtype(row["dtype"])
    values = i % 2 if dtype == bool else i * 7 % 101 / (4 if dtype.kind == "f" else 1)
    return values.astype(dtype).reshape(row["shape"])


def in_order(array, axes):
    """axes that are not named have size 1"""
    missing = [i for i, key in enumerate(ORDER) if key not in axes]
    return np.squeeze(array, tuple(missing)).transpose(np.argsort(np.argsort([ORDER.index(k) for k in axes])))


def plane(array):
    """height, width, channels: the first of x, y, z, t is the width"""
    real = [key for key in "xyzt" if array.shape[ORDER.index(key)] > 1] + ["x", "y", "z"]
    width = real[0]
    height = next(key for key in real[1:] if key != width)
    rest = [key for key in "tzyx" if key not in (width, height)]
    turned = array.transpose([ORDER.index(key) for key in [*rest, height, width, "c"]])
    return turned.reshape(turned.shape[-3:])


def read_n5(folder):
    meta = json.loads((folder / "attributes.json").read_text())
    dims, block = meta["dimensions"], meta["blockSize"]
    out = np.zeros(dims[::-1], meta["dataType"])
    for place in np.ndindex(*[-(-d // b) for d, b in zip(dims, block)]):
        raw = folder.joinpath(*map(str, place)).read_bytes()
        size = [int.from_bytes(raw[4 + 4 * i:8 + 4 * i], "big") for i in range(len(dims))]
        body = raw[4 + 4 * len(dims):]
        if meta["compression"]["type"] == "gzip":
            body = gzip.decompress(body)
        data = np.frombuffer(body, out.dtype.newbyteorder(">")).reshape(size[::-1])
        out[tuple(slice(p * b, p * b + s) for p, b, s in zip(place, block, size))[::-1]] = data
    return out


def read_khoros(raw):
    field = lambda at: int.from_bytes(raw[at:at + 4], "little")  # noqa: E731
    bands = np.frombuffer(raw[1024:], KHOROS[field(564)]).reshape(field(560), field(524), field(520))
    return np.moveaxis(bands, 0, -1)


def read_any_map(raw):
    kind, size, most, body = raw.split(b"\n", 3)
    width, height = map(int, size.split())
    return np.frombuffer(body, ">u2" if int(most) > 255 else "u1").reshape(height, width, 3 if kind == b"P6" else 1)


def read_radiance(raw):
    head, _, rest = raw.partition(b"\n\n")
    assert b"32-bit_rle_rgbe" in head
    size, _, body = rest.partition(b"\n")
    _, height, _, width = size.split()
    pixels = np.frombuffer(body, "u1").reshape(int(height), int(width), 4).astype(float)
    return np.where(pixels[..., 3:] == 0, 0, (pixels[..., :3] + 0.5) * np.exp2(pixels[..., 3:] - 136))


def read_image(path):
    raw = path.read_bytes()
    kind = path.suffix[1:]
    if kind in ("tif", "tiff"):
        image = tifffile.imread(path)
    elif kind == "png":
        image = imagecodecs.png_decode(raw)
    elif kind == "xv":
        image = read_khoros(raw)
    elif kind == "hdr":
        image = read_radiance(raw)
    elif kind in ("pbm", "pgm", "pnm", "ppm"):
        image = read_any_map(raw)
    else:
        opened = Image.open(path)
        image = np.asarray(opened.convert("RGB") if opened.mode == "P" else opened)
    return image


def compare(got, wanted, name, types):
    if wanted.dtype == bool and got.dtype != bool:
        wanted = wanted.astype("u1")
    got = got.reshape(wanted.shape) if got.size == wanted.size else got
    assert got.shape == wanted.shape, f"shape {got.shape}, expected {wanted.shape}"
    assert not types or got.dtype == wanted.dtype, f"type {got.dtype}, expected {wanted.dtype}"
    if name in LOSSY:
        return  # only that other people's decoders take it; the values are those of libjpeg
    if name == "hdr":
        near = np.abs(got - wanted) <= np.abs(wanted).max(-1, keepdims=True) / 128 + 1e-9
        assert near.all(), "values beyond 8 bits of mantissa"
        return
    assert (got == wanted).all(), f"{(got != wanted).sum()} of {got.size} values differ"


def check(row):
    array = content(row)
    name = row["format"].removesuffix(" sequence")
    axes = row["axes"]
    paths = [Path(path) for path in row["paths"]]
    slices, step = [array], "t"
    if row["format"].endswith("sequence"):
        step = next(key for key in axes if array.shape[ORDER.index(key)] > 1)
        slices = [np.take(array, [i], axis=ORDER.index(step)) for i in range(array.shape[ORDER.index(step)])]
    assert len(paths) == len(slices), f"{len(paths)} files"
    for i, (path, part) in enumerate(zip(paths, slices)):
        origin = {a: at + (i * SIZES[a] if a == step else 0) for a, at in ORIGIN.items()}
        if name in ("hdf5", "compressed hdf5"):
            with h5py.File(path) as file:
                dataset = file["exported_data"]
                assert "".join(dim.label for dim in dataset.dims) == axes
                assert "".join(tag["key"] for tag in json.loads(dataset.attrs["axistags"])["axes"]) == axes
                check_tags(dataset.attrs, axes, part.shape[-1])
                compare(dataset[()], in_order(part, axes), name, True)
        elif name == "numpy":
            compare(np.load(path), in_order(part, axes), name, True)
        elif "n5" in name:
            check_tags(json.loads((path / "exported_data/attributes.json").read_text()), axes, part.shape[-1])
            compare(read_n5(path / "exported_data"), in_order(part, axes), name, True)
        elif "OME-Zarr" in name:
            check_ome_zarr(zarr.open(str(path), mode="r"), part.shape[-1])
            compare(zarr.open(str(path / "s0"), mode="r")[:], part.transpose(0, 4, 1, 2, 3), name, True)
        elif name == "multipage tiff":
            with tifffile.TiffFile(path) as file:
                assert file.is_ome
                check_ome_tiff(file, part, origin)
            compare(tifffile.imread(path), part.transpose(0, 1, 4, 2, 3).squeeze(), name, True)
        else:
            if name in ("tif", "tiff"):
                with tifffile.TiffFile(path) as file:
                    check_imagej(file, part)
            compare(read_image(path), plane(part), name, name in ("tif", "tiff"))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    passed = failed = 0
    for row in json.loads((Path(sys.argv[1]) / "rows.json").read_text()):
        try:
            check(row)
            passed += 1
        except Exception as error:
            failed += 1
            print(f"FAIL {row['format']} {row['dtype']} {row['axes']} {row['shape']}: {type(error).__name__}: {error}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
