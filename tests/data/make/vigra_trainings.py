"""Trains random forests with vigra on the labelled pixels of a project, for vigra_trainings.ts, which calls it.

Each training is that of ilastik: trees split over 8 sub-forests, default options. Prints the figures of each as JSON.
"""

import json
import sys

import numpy as np
import vigra

FORESTS = 8


def split(trees):
    sizes = [trees // FORESTS + (i < trees % FORESTS) for i in range(FORESTS)]
    return [size for size in sizes if size > 0]


def train(x, y, box, classes, trees, seed):
    """Mean out-of-bag error of the sub-forests, and probabilities in the box; all zero for classes without labels."""
    known = np.unique(y)
    oobs = []
    result = np.zeros((len(box), len(known)), np.float32)
    for i, size in enumerate(split(trees)):
        forest = vigra.learning.RandomForest(treeCount=size)
        oobs.append(forest.learnRF(x, y, randomSeed=1 + seed * FORESTS + i))
        result += forest.predictProbabilities(box) * np.float32(size)
    probabilities = np.zeros((len(box), classes), np.float32)
    probabilities[:, known - 1] = result / np.float32(trees)
    return np.mean(oobs), probabilities


def main(folder, classes, trees, seeds):
    labels = np.fromfile(f"{folder}/labels", np.uint8)
    places = np.fromfile(f"{folder}/places", np.int32)
    stored = np.fromfile(f"{folder}/stored", np.float32).reshape(-1, classes)
    box = np.fromfile(f"{folder}/features", np.float32).reshape(len(stored), -1)
    figures = {"oob": [], "accuracy": [], "fromStored": []}
    for seed in range(seeds):
        oob, probabilities = train(box[places], labels.astype(np.uint32)[:, None], box, classes, trees, seed)
        figures["oob"].append(float(oob))
        figures["accuracy"].append(float(np.mean(probabilities[places].argmax(axis=1) + 1 == labels)))
        figures["fromStored"].append(float(np.abs(probabilities.astype(np.float64) - stored).mean()))
    print(json.dumps(figures))


main(sys.argv[1], *map(int, sys.argv[2:]))
