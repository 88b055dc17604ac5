"""Writes tests/data/tiff: kinds of TIFF, as tifffile or by hand. Needs tifffile, imagecodecs and NumPy.

    python3 tests/data/make/tiff.py

Sample s of pixel (x, y) of page p is (7 x + 13 y + 29 s + 101 p) mod m; m is the largest value of the type plus 1, at
most 251. Made with tifffile 2026.3.3, imagecodecs 2026.3.6.
"""
import struct
from pathlib import Path

import numpy as np
import tifffile

FOLDER = Path(__file__).resolve().parent.parent / "tiff"


def pixels(height, width, samples=1, page=0, modulus=251):
    """int array y x s"""
    y, x, s = np.ogrid[:height, :width, :samples]
    return (7 * x + 13 * y + 29 * s + 101 * page) % modulus


def write(name, array, **options):
    tifffile.imwrite(FOLDER / name, array, metadata=None, **options)


def packed(name, bits, fill_order=1):
    """one strip of samples of any number of bits, by hand"""
    height, width = 5, 11
    values = pixels(height, width, modulus=min(2**bits, 251))[..., 0]
    rows = []
    for row in values:
        text = "".join(format(value, f"0{bits}b") for value in row)
        text += "0" * (-len(text) % 8)
        data = [int(text[i : i + 8], 2) for i in range(0, len(text), 8)]
        if bits == 24:  # whole bytes have the order of the file
            data = [byte for i in range(0, len(data), 3) for byte in reversed(data[i : i + 3])]
        if fill_order == 2:
            data = [int(format(byte, "08b")[::-1], 2) for byte in data]
        rows.append(bytes(data))
    data = b"".join(rows)
    tags = [
        (256, 3, width), (257, 3, height), (258, 3, bits), (259, 3, 1), (262, 3, 1), (266, 3, fill_order),
        (273, 4, 8), (277, 3, 1), (278, 3, height), (279, 4, len(data)),
    ]
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    directory = struct.pack("<H", len(tags)) + entries + struct.pack("<I", 0)
    pad = b"\0" * (len(data) % 2)
    (FOLDER / name).write_bytes(struct.pack("<2sHI", b"II", 42, 8 + len(data) + len(pad)) + data + pad + directory)


def main():
    FOLDER.mkdir(exist_ok=True)
    gray = pixels(37, 45)[..., 0]
    rgb = pixels(37, 45, 3).astype("u1")
    for kind in ("u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f4", "f8"):
        values = pixels(9, 10, modulus=128)[..., 0]
        write(f"little-{kind}.tif", values.astype("<" + kind), byteorder="<", photometric="minisblack")
        write(f"big-{kind}.tif", values.astype(">" + kind), byteorder=">", photometric="minisblack")
    for codec in ("lzw", "zlib", "zstd", "lzma", "packbits"):
        write(f"{codec}.tif", gray.astype("u2"), compression=codec, rowsperstrip=10, photometric="minisblack")
    write("predictor.tif", gray.astype(">u2"), byteorder=">", compression="zlib", predictor=2, tile=(16, 32),
          photometric="minisblack")
    write("float-predictor.tif", gray.astype("f4"), compression="zlib", predictor=3, photometric="minisblack")
    write("half.tif", gray.astype("f2"), compression="zlib", photometric="minisblack")
    write("bool.tif", gray % 2 == 1, photometric="minisblack")
    write("rgb.tif", rgb, photometric="rgb")
    write("rgb-planes.tif", rgb.transpose(2, 0, 1), photometric="rgb", planarconfig="separate", compression="lzw",
          rowsperstrip=8)
    write("rgb-tiles.tif", rgb, photometric="rgb", tile=(16, 16))
    write("rgba.tif", pixels(9, 10, 4).astype("u1"), photometric="rgb", extrasamples=["unassalpha"])
    write("jpeg-rgb.tif", np.full((32, 32, 3), (200, 100, 50), "u1"), photometric="rgb", compression="jpeg")
    write("webp.tif", rgb, photometric="rgb", compression="webp", compressionargs={"lossless": True})
    palette = (np.arange(3 * 256) * 85).reshape(3, 256).astype("u2")
    write("palette.tif", pixels(9, 10)[..., 0].astype("u1"), photometric="palette", colormap=palette)
    with tifffile.TiffWriter(FOLDER / "pages-bigtiff.tif", bigtiff=True) as tiff:
        for page in range(3):
            tiff.write(pixels(9, 10, page=page)[..., 0].astype("u1"), photometric="minisblack", metadata=None,
                       description=f"page {page}" if page else "µm".encode(), software="by hand", resolution=((10, 3), (1, 7)),
                       resolutionunit=3)
    with tifffile.TiffWriter(FOLDER / "pyramid.tif") as tiff:
        tiff.write(gray.astype("u1"), subifds=2, tile=(16, 16), photometric="minisblack", metadata=None)
        for step in (2, 4):
            tiff.write(gray[::step, ::step].astype("u1"), subfiletype=1, tile=(16, 16), photometric="minisblack",
                       metadata=None)
    for bits in (1, 2, 4, 6, 10, 12, 14, 24):
        packed(f"bits-{bits}.tif", bits)
    packed("bits-12-reversed.tif", 12, fill_order=2)


if __name__ == "__main__":
    main()
