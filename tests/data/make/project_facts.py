#!/usr/bin/env python3
"""Facts about the projects of tests/data/own, read with h5py: writes tests/data/project_facts.json."""
import json
from pathlib import Path

import h5py

HERE = Path(__file__).resolve().parent.parent


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def facts(path):
    with h5py.File(path, "r") as f:
        info = f["Input Data/infos"]
        raw = info[sorted(info)[-1]]["Raw Data"]
        pc, fs = f["PixelClassification"], f["FeatureSelections"]
        forests = pc["ClassifierForests"]
        names = sorted(n for n in forests if n.startswith("Forest"))
        return {
            "version": text(f["ilastikVersion"][()]),
            "labels": [text(n) for n in pc["LabelNames"][()]],
            "selected": int(fs["SelectionMatrix"][()].sum()),
            "trees": [len([t for t in forests[n] if t.startswith("Tree_")]) for n in names],
            "topology": int(sum(forests[n][t]["topology"][()].astype("int64").sum() for n in names for t in forests[n] if t.startswith("Tree_"))),
            "columns": len(forests["feature_names"]),
            "axes": "".join(a["key"] for a in json.loads(text(raw["axistags"][()]))["axes"]),
        }


result = {path.name: facts(path) for path in sorted((HERE / "own").glob("pc*.ilp"))}
(HERE / "project_facts.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
