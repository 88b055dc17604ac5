"""Writes tests/data/inputs: small files by writers that are not ours, and the table of what must be read from them.

Needs numpy, h5py, tifffile with imagecodecs, Pillow, pypng, opencv-python-headless, zarr, hdf5plugin. Run: python tests/data/make/inputs.py

Every element is a formula of its position, see `base` and `values`; tests/inputs/formula.ts repeats it.
"""

import io
import json
import pathlib
import shutil
import struct
import zipfile

import cv2
import h5py
import numpy as np
import png
import tifffile
import zarr
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
        array = np.tile(make("zyxc", "uint16", z=5, y=6, x=7, c=3), 1)
        for name, shuffle in {"lzf": False, "lzf_shuffled": True}.items():
            f.create_dataset(f"packed/{name}", data=array, chunks=(2, 3, 4, 3), compression="lzf", shuffle=shuffle, fletcher32=shuffle)
            expect(f"table.h5/packed/{name}", array, "zyxc", explicit=False, chunk=[2, 3, 4, 3])
        smooth_image = np.tile(make("yx", y=40, x=1), (1, 50))
        f.create_dataset("packed/lzf_runs", data=smooth_image, chunks=(40, 50), compression="lzf")
        stored("table.h5/packed/lzf_runs", smooth_image, "yx", explicit=False)
        import hdf5plugin

        f.create_dataset("packed/bitshuffle", data=array, chunks=(2, 3, 4, 3), **hdf5plugin.Bitshuffle())
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
    tables = {}
    for dtype in DTYPES:
        for axes in ("yx", "zyx", "zyxc", "tzyxc"):
            array = make(axes, dtype, x=6)
            for order in "CF":
                for end in "<>":
                    name = f"{dtype}_{axes}_{order}_{'big' if end == '>' else 'little'}"
                    tables[name] = np.asarray(array, dtype=array.dtype.newbyteorder(end), order=order)
                    expect(f"table.npz/{name}", array, axes, explicit=False)
    np.savez_compressed(OUT / "table.npz", **tables)
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


def tiff(name, array, axes, explicit=True, meta=None, written=None, **options):
    options.setdefault("metadata", None)
    options.setdefault("photometric", "minisblack")
    tifffile.imwrite(OUT / name, array if written is None else written, **options)
    more = {} if meta is None else {"meta": meta}
    expect(name, array, axes, explicit, **more)


def tiffs():
    for dtype in DTYPES[1:]:
        array = make("yx", dtype, y=6, x=7)
        tiff(f"tiff_{dtype}.tif", array, "yx")
        big = array.astype(array.dtype.newbyteorder(">"))
        tiff(f"tiff_big_{dtype}.tif", array, "yx", written=big, byteorder=">", compression="zlib")
    tifffile.imwrite(OUT / "tiff_jpeg2000.tif", make("yx", y=16, x=16), compression="jpeg2000", metadata=None)
    tifffile.imwrite(OUT / "tiff_complex.tif", make("yx").astype("complex64"), metadata=None)
    image = make("yx", "uint16", y=40, x=70)
    tiff("tiff_tiled.tif", image, "yx", tile=(16, 32), compression="zlib")
    tiff("tiff_bigtiff.tif", image, "yx", bigtiff=True, rowsperstrip=7)
    for compression in ("lzw", "zlib", "packbits", "zstd", "lzma"):
        tiff(f"tiff_{compression}.tif", image, "yx", compression=compression, rowsperstrip=9)
    tiff("tiff_predictor.tif", image, "yx", compression="zlib", predictor=2, rowsperstrip=9)
    tiff("tiff_predictor3.tif", make("yx", "float32", y=20, x=33), "yx", compression="lzw", predictor=3)
    for samples in (2, 3, 4, 5):
        array = make("yxc", y=6, x=7, c=samples)
        options = {"photometric": "rgb" if samples in (3, 4) else "minisblack", "planarconfig": "contig"}
        if samples in (4,):
            options["extrasamples"] = ["unassalpha"]
        tiff(f"tiff_contig_{samples}.tif", array, "yxc", **options)
    planar = make("cyx", "uint16", c=3, y=6, x=7)
    tiff("tiff_planar.tif", planar, "cyx", photometric="rgb", planarconfig="separate")
    tiff("tiff_planar_tiled.tif", make("cyx", c=3, y=40, x=20), "cyx", photometric="rgb", planarconfig="separate", tile=(16, 16))
    # Several pages without any description, as libtiff's own tools write them.
    with tifffile.TiffWriter(OUT / "tiff_pages.tif") as out:
        for plane in make("tyx", t=3):
            out.write(plane, metadata=None, contiguous=False, photometric="minisblack")
    expect("tiff_pages.tif", make("tyx", t=3), "tyx")
    with tifffile.TiffWriter(OUT / "tiff_rgb_pages.tif") as out:
        for plane in make("tyxc", t=2, c=3):
            out.write(plane, metadata=None, contiguous=False, photometric="rgb")
    expect("tiff_rgb_pages.tif", make("tyxc", t=2, c=3), "tyxc")
    with tifffile.TiffWriter(OUT / "tiff_calls.tif") as out:
        for i in range(2):
            out.write(np.full((4, 5), i, "uint8"))
    assert len(tifffile.TiffFile(OUT / "tiff_calls.tif").series) == 2
    with tifffile.TiffWriter(OUT / "tiff_unequal.tif") as out:
        out.write(make("yx"), metadata=None)
        out.write(make("yx", y=2, x=3), metadata=None)
    # tifffile's own description, without and with axes.
    shaped = {"yx": {}, "zyx": {"z": 7}, "zyxc": {}, "tzyxc": {}}
    for axes, sizes in shaped.items():
        array = make(axes, "int16", **sizes)
        tiff(f"tiff_shaped_{axes}.tif", array, axes, explicit=axes == "yx", metadata={})
    tiff("tiff_shaped_named.tif", make("cyx", c=3), "cyx", metadata={"axes": "CYX"})
    tiff("tiff_shaped_truncated.tif", make("zyx", "uint16"), "zyx", explicit=False, metadata={}, truncate=True)
    single = make("zyx", z=1)
    tifffile.imwrite(OUT / "tiff_shaped_single.tif", single, metadata={}, photometric="minisblack")
    expect("tiff_shaped_single.tif", single, "zyx", explicit=False)
    tiff("tiff_shaped_last.tif", make("zyxc", c=1), "zyxc", explicit=False, metadata={})
    tiff("tiff_shaped_last_named.tif", make("tyxc", c=1), "tyxc", metadata={"axes": "TYXC"})
    with tifffile.TiffWriter(OUT / "tiff_two_series.tif") as out:
        out.write(make("zyx"), photometric="minisblack", metadata={"axes": "ZYX"})
        out.write(make("yx", y=2, x=3), photometric="minisblack", metadata={"axes": "YX"})


def packed_tiffs():
    for name, photometric, array in (("gray", "minisblack", smooth(1)[..., 0]), ("ycbcr", "ycbcr", smooth(3)), ("rgb", "rgb", smooth(3))):
        file = f"tiff_jpeg_{name}.tif"
        tifffile.imwrite(OUT / file, array, photometric=photometric, compression="jpeg", metadata=None, rowsperstrip=16,
                         compressionargs={"outcolorspace": photometric} if photometric == "ycbcr" else {})
        with tifffile.TiffFile(OUT / file) as f:
            stored(file, f.asarray(), "yxc" if array.ndim == 3 else "yx")
    # 12 bits: two samples in three bytes, most significant bits first.
    array = make("yx", "uint16", y=6, x=7) >> 4
    rows = b""
    for row in array:
        bits = "".join(f"{value:012b}" for value in row)
        bits += "0" * (-len(bits) % 8)
        rows += int(bits, 2).to_bytes(len(bits) // 8, "big")
    entries = [(256, 3, 7), (257, 3, 6), (258, 3, 12), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1), (278, 3, 6), (279, 4, len(rows))]
    directory = 8 + len(rows) + len(rows) % 2
    data = struct.pack("<2sHI", b"II", 42, directory) + rows.ljust(directory - 8, b"\0") + struct.pack("<H", len(entries))
    data += b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries) + bytes(4)
    (OUT / "tiff_12_bits.tif").write_bytes(data)
    stored("tiff_12_bits.tif", array, "yx")


def imagej(name, axes, file_axes, array=None, **options):
    metadata = {"axes": file_axes, **options.pop("metadata", {})}
    array = make(axes, "uint16") if array is None else array
    tifffile.imwrite(OUT / name, array, imagej=True, metadata=metadata, **options)
    return array


def imagej_tiffs():
    expect("imagej_tzcyx.tif", imagej("imagej_tzcyx.tif", "tzcyx", "TZCYX"), "tzcyx")
    expect("imagej_zyx.tif", imagej("imagej_zyx.tif", "zyx", "ZYX", resolution=(2.5, 4), metadata={
        "unit": "um", "spacing": 3.5, "finterval": 0.25}), "zyx", meta={
        "pixelSize": {"x": 0.4, "y": 0.25, "z": 3.5}, "units": {"x": "um", "y": "um", "z": "um"}})
    expect("imagej_tyx.tif", imagej("imagej_tyx.tif", "tyx", "TYX", metadata={"unit": "\\u00B5m"}, resolution=(1, 1)), "tyx",
           meta={"pixelSize": {"x": 1, "y": 1}, "units": {"x": "µm", "y": "µm"}})
    expect("imagej_cyx.tif", imagej("imagej_cyx.tif", "cyx", "CYX", make("cyx", "float32")), "cyx")
    expect("imagej_rgb.tif", imagej("imagej_rgb.tif", "zyxc", "ZYXS", make("zyxc", c=3), photometric="rgb"), "zyxc")
    # The form for more than 4 GB: a single directory, all planes behind each other.
    whole = OUT / "imagej_single_directory.tif"
    array = imagej(whole.name, "tzyx", "TZYX")
    data = bytearray(whole.read_bytes())
    order = "big" if data[:2] == b"MM" else "little"
    directory = int.from_bytes(data[4:8], order)
    entries = int.from_bytes(data[directory : directory + 2], order)
    end = directory + 2 + 12 * entries
    data[end : end + 4] = bytes(4)
    whole.write_bytes(data)
    expect(whole.name, array, "tzyx")


def ome_tiffs():
    for axes, sizes in {"tzcyx": {}, "tczyx": {}, "ztcyx": {}, "cztyx": {}, "zyx": {}, "cyx": {"c": 4}, "tyx": {}}.items():
        array = make(axes, "uint16", **sizes)
        tifffile.imwrite(OUT / f"ome_{axes}.ome.tif", array, photometric="minisblack", metadata={"axes": axes.upper()})
        expect(f"ome_{axes}.ome.tif", array, axes)
    array = make("cyx")
    tifffile.imwrite(OUT / "ome_squeezed.ome.tif", array[None, None], photometric="minisblack", metadata={
        "axes": "TZCYX", "PhysicalSizeX": 0.25, "PhysicalSizeXUnit": "nm", "PhysicalSizeY": 0.5, "PhysicalSizeYUnit": "µm",
        "PhysicalSizeZ": 2.0, "TimeIncrement": 1.5, "TimeIncrementUnit": "ms", "Channel": {"Name": ["a & b", "<c>"]}})
    expect("ome_squeezed.ome.tif", array, "cyx", meta={
        "pixelSize": {"x": 0.25, "y": 0.5}, "units": {"x": "nm", "y": "µm"}, "drange": [0, 255],
        "channelNames": ["a & b", "<c>"]})
    array = make("zyxc", c=3)
    tifffile.imwrite(OUT / "ome_rgb.ome.tif", array, photometric="rgb", metadata={"axes": "ZYXS"})
    expect("ome_rgb.ome.tif", array, "zyxc")
    with tifffile.TiffWriter(OUT / "ome_pyramid.ome.tif") as out:
        array = make("yx", "uint16", y=32, x=48)
        out.write(array, subifds=1, tile=(16, 16), photometric="minisblack", metadata={"axes": "YX"})
        out.write(array[::2, ::2], subfiletype=1, tile=(16, 16), photometric="minisblack")
    expect("ome_pyramid.ome.tif", array, "yx")
    with tifffile.TiffWriter(OUT / "ome_two.ome.tif") as out:
        out.write(make("zyx"), photometric="minisblack", metadata={"axes": "ZYX"})
        out.write(make("yx", y=2, x=3), photometric="minisblack", metadata={"axes": "YX"})


    tifffile.imwrite(OUT / "ome_files.ome.tif", make("yx"), photometric="minisblack", metadata=None, description=(
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="urn:uuid:1"><Image ID="Image:0"><Pixels '
        'DimensionOrder="XYCZT" SizeX="5" SizeY="4" SizeC="2" SizeZ="1" SizeT="1" Type="uint8">'
        '<TiffData FirstC="0"><UUID FileName="ome_files.ome.tif">urn:uuid:1</UUID></TiffData>'
        '<TiffData FirstC="1"><UUID FileName="other.ome.tif">urn:uuid:2</UUID></TiffData></Pixels></Image></OME>'))
    array = make("cyx", t=1)
    array[1] = 0
    tifffile.imwrite(OUT / "ome_gap.ome.tif", array[0], photometric="minisblack", metadata=None, description=(
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0"><Pixels DimensionOrder="XYCZT" '
        'SizeX="5" SizeY="4" SizeC="2" SizeZ="1" SizeT="1" Type="uint8"><TiffData/></Pixels></Image></OME>'))


def ome_document(sizes, blocks, uuid):
    return (f'<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="urn:uuid:{uuid}"><Image ID="Image:0">'
            f'<Pixels DimensionOrder="XYCZT" Type="uint16" {sizes}>{blocks}</Pixels></Image></OME>')


def ome_sets():
    """Images that are spread over several files; tifffile reads them too."""
    # A file per time and channel, each with the whole description.
    folder = OUT / "ome_set"
    folder.mkdir(exist_ok=True)
    array = make("tzcyx", "uint16")
    names = [(t, c, f"t{t}_c{c}.ome.tif") for t in range(2) for c in range(2)]
    blocks = "".join(f'<TiffData IFD="{z}" FirstT="{t}" FirstC="{c}" FirstZ="{z}"><UUID FileName="{name}">urn:uuid:{t}{c}</UUID>'
                     f'</TiffData>' for t, c, name in names for z in range(3))
    for t, c, name in names:
        tifffile.imwrite(
            folder / name, array[t, :, c], photometric="minisblack", metadata=None, compression="zlib" if c else None,
            description=ome_document('SizeX="5" SizeY="4" SizeC="2" SizeZ="3" SizeT="2"', blocks, f"{t}{c}"))
    for name in ("t0_c0.ome.tif", "t1_c1.ome.tif"):
        assert (tifffile.imread(folder / name) == array).all()
        expect(f"ome_set/{name}", array, "tzcyx")
    # A file per channel with all its planes in order; the description lies in a file of its own.
    folder = OUT / "ome_companion"
    folder.mkdir(exist_ok=True)
    array = make("zcyx", "uint16")
    blocks = "".join(f'<TiffData FirstC="{c}" FirstZ="{z}" IFD="{z}" PlaneCount="1"><UUID FileName="c{c}.ome.tif">urn:uuid:{c}</UUID>'
                     f'</TiffData>' for c in range(2) for z in range(3))
    document = ome_document('SizeX="5" SizeY="4" SizeC="2" SizeZ="3" SizeT="1"', blocks, "9")
    (folder / "set.companion.ome").write_text(document)
    for c in range(2):
        tifffile.imwrite(folder / f"c{c}.ome.tif", array[:, c], photometric="minisblack", metadata=None, description=(
            f'<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="urn:uuid:{c}">'
            '<BinaryOnly MetadataFile="set.companion.ome" UUID="urn:uuid:9"/></OME>'))
        expect(f"ome_companion/c{c}.ome.tif", array, "zcyx")


def pillow_tiffs():
    bits = make("yx", "bool", y=9, x=13)
    Image.fromarray(bits).save(OUT / "tiff_bilevel.tif")
    expect("tiff_bilevel.tif", bits, "yx")
    Image.fromarray(bits).save(OUT / "tiff_fax.tif", compression="group4")
    expect("tiff_fax.tif", bits, "yx")
    indices = make("yx", y=9, x=13)
    palette = Image.fromarray(indices).convert("P")
    palette.putdata([int(v) for v in indices.ravel()])
    palette.putpalette([(7 * i) % 256 for i in range(768)])
    palette.save(OUT / "tiff_palette.tif")
    expect("tiff_palette.tif", indices, "yx")
    pages = [Image.fromarray(plane) for plane in make("tyx", t=3)]
    pages[0].save(OUT / "tiff_pillow_pages.tif", save_all=True, append_images=pages[1:], compression="tiff_lzw")
    expect("tiff_pillow_pages.tif", make("tyx", t=3), "tyx")


def stored(name, array, axes="yxc", explicit=True):
    """For values that are not those of the formula: the other program's own decoding lies beside the file."""
    file = f"{name.replace('/', '_')}.npy"
    (OUT / file).write_bytes(npy_bytes(array))
    expect(name, array, axes, explicit, values=file)


def smooth(channels):
    y, x, c = np.meshgrid(np.arange(37), np.arange(43), np.arange(channels), indexing="ij")
    return (128 + 60 * np.sin(y / 5 + c) + 60 * np.cos(x / 7 - c)).astype("uint8")


def jpegs():
    cases = {
        "jpeg_gray.jpg": (smooth(1)[..., 0], {}),
        "jpeg_rgb.jpg": (smooth(3), {"quality": 80}),
        "jpeg_422.jpg": (smooth(3), {"subsampling": "4:2:2"}),
        "jpeg_444_progressive.jpg": (smooth(3), {"subsampling": "4:4:4", "progressive": True}),
        "jpeg_restart.jpg": (smooth(3), {"restart_marker_blocks": 2}),
    }
    for name, (array, options) in cases.items():
        Image.fromarray(array).save(OUT / name, **options)
        decoded = np.asarray(Image.open(OUT / name))
        stored(name, decoded.reshape(37, 43, -1))


def small_formats():
    gray, rgb = make("yxc", y=9, x=13, c=1), make("yxc", y=9, x=13, c=3)
    palette = [v for i in range(256) for v in (i, 255 - i, (3 * i) % 256)]
    colours = Image.new("P", (13, 9))
    colours.putdata([int(v) for v in gray.ravel()])
    colours.putpalette(palette)
    for name in ("small_gray.bmp", "small_gray.gif", "small_gray.pgm"):
        Image.fromarray(gray[..., 0]).save(OUT / name)
        expect(name, gray, "yxc")
    for name in ("small_rgb.bmp", "small_rgb.ppm"):
        Image.fromarray(rgb).save(OUT / name)
        expect(name, rgb, "yxc")
    for name in ("small_palette.bmp", "small_palette.gif"):
        colours.save(OUT / name)
        expect(name, rgb, "yxc", palette=8)
    large = make("yxc", y=60, x=80, c=1)
    Image.fromarray(large[..., 0]).save(OUT / "small_large.gif", interlace=0)
    expect("small_large.gif", large, "yxc")
    bits = make("yxc", "bool", y=9, x=13, c=1)
    Image.fromarray(bits[..., 0]).save(OUT / "small_bits.bmp")
    stored("small_bits.bmp", (bits * 255).astype("uint8"))
    # In Pillow a set element is white, in the file a set bit is black.
    Image.fromarray(~bits[..., 0]).save(OUT / "small_bits.pbm")
    stored("small_bits.pbm", bits.astype("uint8"))
    wide = make("yxc", "uint16", y=9, x=13, c=1)
    cv2.imwrite(str(OUT / "small_16.pgm"), wide[..., 0])
    expect("small_16.pgm", wide, "yxc")
    ascii_numbers = " ".join(map(str, rgb.ravel()))
    (OUT / "small_ascii.ppm").write_text(f"P3 # a comment\n13 9\n# another\n255\n{ascii_numbers}\n")
    expect("small_ascii.ppm", rgb, "yxc")
    (OUT / "small_ascii.pgm").write_text(f"P2\n13 9 65535\n{' '.join(map(str, wide.ravel()))}\n")
    expect("small_ascii.pgm", wide, "yxc")
    (OUT / "small_ascii.pbm").write_text("P1\n13 9\n" + "".join("01"[int(b)] for b in bits.ravel()) + "\n")
    stored("small_ascii.pbm", bits.astype("uint8"))
    cv2.imwrite(str(OUT / "small_gray.ras"), gray[..., 0])
    expect("small_gray.ras", gray, "yxc")
    cv2.imwrite(str(OUT / "small_rgb.ras"), rgb[..., ::-1])
    expect("small_rgb.ras", rgb, "yxc")
    light = make("yxc", "float32", y=9, x=13, c=3) + 4
    cv2.imwrite(str(OUT / "small_rle.hdr"), light[..., ::-1])
    stored("small_rle.hdr", cv2.imread(str(OUT / "small_rle.hdr"), cv2.IMREAD_UNCHANGED)[..., ::-1])
    cv2.imwrite(str(OUT / "small_flat.hdr"), light[:, :5, ::-1])
    stored("small_flat.hdr", cv2.imread(str(OUT / "small_flat.hdr"), cv2.IMREAD_UNCHANGED)[..., ::-1])
    for order, machine in ((">", 2), ("<", 8)):
        for dtype, kind in {"uint8": 1, "int16": 2, "int32": 4, "float32": 5, "float64": 9}.items():
            array = make("yxc", dtype, c=3)
            header = bytearray(1024)
            header[:5] = 0xAB, 1, 1, 3, machine
            fields = {520: 5, 524: 4, 548: 1, 556: 1, 560: 3, 564: kind}
            for offset, value in fields.items():
                struct.pack_into(f"{order}I", header, offset, value)
            planes = array.transpose(2, 0, 1).astype(array.dtype.newbyteorder(order))
            name = f"small_{'big' if order == '>' else 'little'}_{dtype}.xv"
            (OUT / name).write_bytes(bytes(header) + planes.tobytes())
            expect(name, array, "yxc")


def raw():
    array = make("zyx", "uint16", z=6, y=7, x=8)
    (OUT / "raw-6-7-8-uint16.raw").write_bytes(array.tobytes() + b"more")
    expect("raw-6-7-8-uint16.raw", array, "zyx", explicit=False)
    array = make("yxc", c=1)
    (OUT / "raw-4-5-1.dat").write_bytes(array.tobytes())
    expect("raw-4-5-1.dat", array, "yxc", explicit=False)
    (OUT / "raw-40-50-60.bin").write_bytes(array.tobytes())


def zarrs():
    def new(name, array, **options):
        options.setdefault("chunks", tuple(max(2, (n + 1) // 2) for n in array.shape))
        a = zarr.create_array(OUT / name, shape=array.shape, dtype=array.dtype, overwrite=True, **options)
        a[...] = array
        return a

    for old in OUT.glob("*.zarr"):
        shutil.rmtree(old)
    for version in (2, 3):
        for dtype in ("bool", "uint8", "int16", "uint32", "int64", "float16", "float64"):
            array = make("yx", dtype)
            new(f"plain{version}_{dtype}.zarr", array, zarr_format=version, chunks=(4, 5))
            expect(f"plain{version}_{dtype}.zarr", array, "yx", explicit=False)
    from zarr.codecs import BloscCodec, GzipCodec, ZstdCodec
    import numcodecs

    array = make("zyxc", "uint16", z=3, y=5, x=7)
    v2 = {"blosc": numcodecs.Blosc(cname="lz4"), "zlib": numcodecs.Zlib(), "zstd": numcodecs.Zstd(), "lz4": numcodecs.LZ4(), "gzip": numcodecs.GZip(), "none": None}
    for name, codec in v2.items():
        new(f"codec2_{name}.zarr", array, zarr_format=2, compressors=codec)
        expect(f"codec2_{name}.zarr", array, "zyxc", explicit=False, chunk=[2, 3, 4, 2])
    v3 = {"blosc": BloscCodec(cname="zstd", typesize=2), "gzip": GzipCodec(), "zstd": ZstdCodec(checksum=True), "none": None}
    for name, codec in v3.items():
        new(f"codec3_{name}.zarr", array, zarr_format=3, compressors=codec)
        expect(f"codec3_{name}.zarr", array, "zyxc", explicit=False, chunk=[2, 3, 4, 2])
    new("fortran2.zarr", array, zarr_format=2, order="F")
    expect("fortran2.zarr", array, "zyxc", explicit=False)
    big = zarr.create_array(OUT / "big2.zarr", shape=array.shape, dtype=">u2", zarr_format=2, chunks=(2, 3, 4, 2))
    big[...] = array
    expect("big2.zarr", array, "zyxc", explicit=False)
    new("nested2.zarr", array, zarr_format=2, chunk_key_encoding={"name": "v2", "separator": "/"})
    expect("nested2.zarr", array, "zyxc", explicit=False)
    new("shards3.zarr", array, zarr_format=3, chunks=(1, 3, 4, 2), shards=(3, 6, 8, 2))
    expect("shards3.zarr", array, "zyxc", explicit=False, chunk=[1, 3, 4, 2])
    first = {"shape": (3, 6, 8, 2), "index_location": "start"}
    new("shards_first3.zarr", array, zarr_format=3, chunks=(1, 3, 4, 2), shards=first)
    expect("shards_first3.zarr", array, "zyxc", explicit=False, chunk=[1, 3, 4, 2])
    named = make("cyx", "uint8")
    new("named3.zarr", named, zarr_format=3, chunks=(2, 4, 5), dimension_names=["c", "y", "x"])
    expect("named3.zarr", named, "cyx")
    new("xarray2.zarr", named, zarr_format=2, chunks=(2, 4, 5)).attrs["_ARRAY_DIMENSIONS"] = ["c", "y", "x"]
    expect("xarray2.zarr", named, "cyx")
    # One chunk of two was never written.
    gap = zarr.create_array(OUT / "gap3.zarr", shape=(4, 6), dtype="uint8", chunks=(4, 3), fill_value=9)
    gap[:, :3] = make("yx", x=3)
    filled = np.full((4, 6), 9, "uint8")
    filled[:, :3] = make("yx", x=3)
    stored("gap3.zarr", filled, "yx", explicit=False)
    group = zarr.open_group(OUT / "groups3.zarr", mode="w")
    group.create_array("a/one", data=make("zyx"), chunks=(3, 4, 5))
    expect("groups3.zarr", make("zyx"), "zyx", explicit=False)
    expect("groups3.zarr/a/one", make("zyx"), "zyx", explicit=False)
    images = {"04": 2, "05": 3}
    for version, zarr_format in images.items():
        group = zarr.open_group(OUT / f"ome{version}.zarr", mode="w", zarr_format=zarr_format)
        full = make("tczyx", "uint16", t=1, y=6, x=8)
        for key, step in (("s0", 1), ("s1", 2)):
            level = full[..., ::step, ::step]
            a = group.create_array(key, shape=level.shape, chunks=level.shape, dtype=level.dtype,
                                   **({"chunk_key_encoding": {"name": "v2", "separator": "/"}} if zarr_format == 2 else {}))
            a[...] = level
        scale = lambda s: [{"type": "scale", "scale": [1, 1, 2, 0.5 * s, 0.25 * s]}]
        multiscales = [{
            "name": "image", "version": "0.4",
            "axes": [{"name": "t", "type": "time"}, {"name": "c", "type": "channel"}] + [
                {"name": a, "type": "space", "unit": "micrometer"} for a in "zyx"],
            "datasets": [{"path": k, "coordinateTransformations": scale(s)} for k, s in (("s0", 1), ("s1", 2))],
            "coordinateTransformations": [{"type": "scale", "scale": [1, 1, 1, 2, 2]}]}]
        omero = {"channels": [{"label": "dapi"}, {"label": "gfp"}]}
        attributes = {"multiscales": multiscales, "omero": omero}
        group.attrs.update(attributes if zarr_format == 2 else {"ome": {"version": "0.5", **attributes}})
        meta = {"pixelSize": {"z": 2, "y": 1, "x": 0.5}, "units": {a: "micrometer" for a in "zyx"}, "channelNames": ["dapi", "gfp"]}
        expect(f"ome{version}.zarr/s0", full, "tczyx", meta=meta)
    group = zarr.open_group(OUT / "ome_letters.zarr", mode="w", zarr_format=2)
    group.create_array("0", shape=(2, 4, 5), chunks=(2, 4, 5), dtype="uint8")[...] = make("cyx")
    group.attrs["multiscales"] = [{"version": "0.3", "axes": ["c", "y", "x"], "datasets": [{"path": "0"}]}]
    expect("ome_letters.zarr", make("cyx"), "cyx")
    group = zarr.open_group(OUT / "ome_first.zarr", mode="w", zarr_format=2)
    group.create_array("0", shape=(2, 2, 3, 4, 5), chunks=(2, 2, 3, 4, 5), dtype="uint8")[...] = make("tczyx")
    group.attrs["multiscales"] = [{"version": "0.1", "datasets": [{"path": "0"}]}]
    expect("ome_first.zarr", make("tczyx"), "tczyx")
    group = zarr.open_group(OUT / "ome_plate.zarr", mode="w", zarr_format=2)
    group.attrs["plate"] = {"wells": [{"path": "A/1"}, {"path": "B/3"}]}


def gzip_hdf5():
    """Chunks that are large enough to be unpacked outside of the HDF5 library, and some that it must unpack itself."""
    import zlib

    with h5py.File(OUT / "gzip.h5", "w", libver="latest") as f:
        def add(name, axes, dtype, chunk, sizes, store=None, **options):
            array = make(axes, dtype, **sizes)
            f.create_dataset(name, data=array, dtype=store or array.dtype, chunks=chunk, compression="gzip", **options)
            expect(f"gzip.h5/{name}", array, axes, explicit=False, chunk=list(chunk))

        plane, volume = {"y": 300, "x": 200}, {"z": 20, "y": 40, "x": 50}
        add("plain", "yx", "uint8", (256, 128), plane)
        add("shuffled", "zyx", "uint16", (16, 32, 32), volume, shuffle=True)
        add("float64", "zyx", "float64", (16, 16, 32), volume, shuffle=True)
        add("int8", "zyx", "int8", (16, 64, 32), {**volume, "y": 70})
        add("checked", "yx", "float32", (128, 128), plane, shuffle=True, fletcher32=True)
        add("big", "yx", "uint16", (128, 128), plane, store=">u2", shuffle=True)
        add("bool", "yx", "bool", (256, 128), plane)
        # Chunk 1 0 was never written, chunk 0 1 is stored as it is.
        array = make("yx", **plane)
        gap = f.create_dataset("gap", shape=array.shape, dtype="uint8", chunks=(256, 128), compression="gzip", fillvalue=7)
        padded = np.zeros((512, 256), "uint8")
        padded[:300, :200] = array
        gap.id.write_direct_chunk((0, 0), zlib.compress(padded[:256, :128].tobytes()))
        gap.id.write_direct_chunk((0, 128), padded[:256, 128:].tobytes(), filter_mask=1)
        gap.id.write_direct_chunk((256, 128), zlib.compress(padded[256:, 128:].tobytes()))
        array[256:, :128] = 7
        assert (gap[()] == array).all()


def main():
    OUT.mkdir(exist_ok=True)
    hdf5()
    gzip_hdf5()
    numpy()
    png_images()
    tiffs()
    imagej_tiffs()
    ome_tiffs()
    ome_sets()
    pillow_tiffs()
    packed_tiffs()
    jpegs()
    small_formats()
    raw()
    zarrs()
    n5 = json.loads((OUT / "n5.json").read_text())
    (OUT / "table.json").write_text("[\n" + ",\n".join(map(json.dumps, table + n5)) + "\n]\n")


main()
