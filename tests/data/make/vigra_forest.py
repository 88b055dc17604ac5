"""Writes tests/data/vigra_forest.json: figures of random forests that vigra trained, for tests/kernels/train_vigra_test.ts.

Needs Debian's python3-vigra and python3-h5py. Run: /usr/bin/python3 tests/data/make/vigra_forest.py

Each training is that of ilastik: 100 trees in 8 sub-forests of 13 and 12, default options. Rows come from formulas on
whole numbers that tests/kernels/labelled_rows.ts repeats.
"""

import json
import pathlib
import tempfile

import h5py
import numpy as np
import vigra

OUT = pathlib.Path(__file__).parent.parent / "vigra_forest.json"
SEEDS = 20
SPLIT = [13, 13, 13, 13, 12, 12, 12, 12]
UNSEEN = 200
SETS = [
    {"rows": 466, "columns": 28, "classes": 2, "importance": True},
    {"rows": 1000, "columns": 49, "classes": 3, "importance": False},
]


class Numbers:
    """Upper 16 bits of the linear congruential generator of Numerical Recipes."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 1664525 + 1013904223) % 2**32
        return self.state >> 16


def labelled_rows(rows, columns, classes):
    numbers = Numbers(rows)
    x = np.zeros((rows, columns), np.float32)
    y = np.zeros((rows, 1), np.uint32)
    for i in range(rows):
        hidden = [numbers.next() for _ in range(3)]
        score = hidden[0] + (hidden[1] >> 1) + (numbers.next() >> 2)
        y[i] = 1 + score * classes // 114688
        for c in range(columns):
            value = hidden[c % 3] * (1 + c * 5 % 16) + numbers.next() * (2 + c * 7 % 16)
            x[i, c] = value >> 12 if c % 4 == 3 else value
    return x, y


def inner_nodes(forest, folder):
    path = f"{folder}/forest.h5"
    pathlib.Path(path).unlink(missing_ok=True)
    forest.writeHDF5(path, "forest")
    with h5py.File(path, "r") as file:
        group = file["forest"]
        return [(len(group[name]["topology"]) - 4) // 7 for name in group if name.startswith("Tree_")]


def train(x, y, unseen, seed, importance, folder):
    nodes, oobs, probabilities, importances = [], [], 0, 0
    for i, trees in enumerate(SPLIT):
        forest = vigra.learning.RandomForest(treeCount=trees)
        number = 1 + seed * len(SPLIT) + i
        if importance:
            oob, measured = forest.learnRFWithFeatureSelection(x, y, randomSeed=number)
            importances = importances + np.asarray(measured, np.float64) * trees / sum(SPLIT)
        else:
            oob = forest.learnRF(x, y, randomSeed=number)
        oobs.append(oob)
        nodes += inner_nodes(forest, folder)
        probabilities = probabilities + forest.predictProbabilities(unseen).astype(np.float64) * trees / sum(SPLIT)
    return np.mean(nodes), np.mean(oobs), probabilities, importances


def figures(rows, columns, classes, importance):
    x, y = labelled_rows(rows + UNSEEN, columns, classes)
    x, unseen, y = x[:rows], x[rows:], y[:rows]
    with tempfile.TemporaryDirectory() as folder:
        runs = [train(x, y, unseen, seed, importance, folder) for seed in range(2 * SEEDS)]
    # Probabilities of all classes but the first, which follows from them.
    mean = np.mean([run[2][:, 1:] for run in runs[:SEEDS]], axis=0)
    runs = runs[SEEDS:]
    result = {
        "rows": rows,
        "columns": columns,
        "classes": classes,
        "labels": np.bincount(y.ravel(), minlength=classes + 1)[1:].tolist(),
        "nodes": [round(float(run[0]), 4) for run in runs],
        "oob": [round(float(run[1]), 6) for run in runs],
        # Mean over 20 other runs, and the mean absolute difference of each run from it.
        "probabilities": np.round(mean.ravel(), 5).tolist(),
        "difference": [round(float(np.abs(run[2][:, 1:] - mean).mean()), 6) for run in runs],
    }
    if importance:
        all_runs = np.array([run[3] for run in runs])
        result["importanceMin"] = np.round(all_runs.min(axis=0), 6).ravel().tolist()
        result["importanceMax"] = np.round(all_runs.max(axis=0), 6).ravel().tolist()
    return result


OUT.write_text(json.dumps([figures(**spec) for spec in SETS], separators=(",", ":")) + "\n")
