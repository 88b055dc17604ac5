#!/usr/bin/env python3
"""Projects that must be refused: writes tests/data/untrained.ilp and tests/data/other_workflow.ilp with h5py."""
import shutil
from pathlib import Path

import h5py

HERE = Path(__file__).resolve().parent.parent

with h5py.File(HERE / "own/pc2d_small.ilp", "r") as old, h5py.File(HERE / "untrained.ilp", "w") as new:
    for name in old:
        old.copy(name, new)
    del new["PixelClassification/ClassifierForests"]
# deleting leaves the space in the file: copy once more
with h5py.File(HERE / "untrained.ilp", "r") as old, h5py.File(HERE / "small.ilp", "w") as new:
    for name in old:
        old.copy(name, new)
shutil.move(HERE / "small.ilp", HERE / "untrained.ilp")
with h5py.File(HERE / "other_workflow.ilp", "w") as new:
    new["ilastikVersion"] = "1.4.0"
    new["workflowName"] = "Carving"
