#!/usr/bin/env python3
"""What ilastik wrote for calls with the projects of tests/data/own: writes tests/data/program_references.json.

  program_references.py REFERENCE_FOLDER      a folder with <Workflow>/cases.json and refs.h5

Of every result the checksum (CRC-32 of the little-endian bytes in C order) is kept, of cropped ones that of the crop.
"""
import json
import sys
import zlib
from pathlib import Path

import h5py

HERE = Path(__file__).resolve().parent.parent
WORKFLOWS = ["PixelClassification", "Autocontext"]

rows = []
for workflow in WORKFLOWS:
    base = Path(sys.argv[1]) / workflow
    with h5py.File(base / "refs.h5", "r") as refs:
        for case in json.loads((base / "cases.json").read_text()):
            words = " ".join(case["args"])
            if "{data}/own/" not in words or "{data}/api" in words or "{data}/projects" in words:
                continue
            (expect,) = case["expect"]
            array = refs[expect["ref_dataset"]][()]
            rows.append({
                "id": f"{workflow}/{case['id']}",
                "args": case["args"],
                "file": expect["file"],
                "dataset": expect["dataset"],
                "axes": expect["axes"],
                "dtype": expect["dtype"],
                "shape": expect["shape"],
                "crop": [int(s.strip(":") or 1) for s in expect["crop"].split(",")] if "crop" in expect else None,
                "crc32": zlib.crc32(array.astype(array.dtype.newbyteorder("<")).tobytes()),
            })
(HERE / "program_references.json").write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
print(len(rows), "results")
