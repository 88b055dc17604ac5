"""Predicts with the forests of a project through vigra's own loader.

  read_forest.py PROJECT GROUP FEATURES.npy OUT.npy     FEATURES: pixels x columns, float32; OUT: pixels x classes

Needs Debian's python3-vigra and python3-h5py.
"""

import sys

import h5py
import numpy
import vigra

project, group, features, out = sys.argv[1:]
rows = numpy.load(features)
with h5py.File(project, "r") as file:
    base = file[group]["ClassifierForests"]
    names = sorted(name for name in base if name.startswith("Forest"))
    assert list(base["known_labels"][()]) == list(range(1, len(base["known_labels"]) + 1))
    assert len(base["feature_names"]) == rows.shape[1]
total = numpy.zeros((), numpy.float32)
trees = 0
for name in names:
    forest = vigra.learning.RandomForest(project, f"{group}/ClassifierForests/{name}")
    count = forest.treeCount()
    total = total + forest.predictProbabilities(rows) * numpy.float32(count)
    trees += count
numpy.save(out, (total / numpy.float32(trees)).astype(numpy.float32))
