"""Other forests on the rows of forest_compare.ts: prints `name ns-per-pixel-and-tree`, one core, fastest of 3.

forest_others.py ROWS COLUMNS LABELLED TREES      ROWS: binary32, one row of COLUMNS values per pixel
forest_others.py ROWS COLUMNS PROJECT             the stored forests of a project, vigra only
"""
import sys
import time

import numpy

rows = numpy.fromfile(sys.argv[1], numpy.float32).reshape(-1, int(sys.argv[2]))


def fastest(name, trees, *predictions):
    times = []
    for _ in range(3):
        start = time.process_time()
        for predict in predictions:
            predict(rows)
        times.append(time.process_time() - start)
    print(name, min(times) / len(rows) / trees * 1e9)


def stored(path):
    import h5py
    import vigra
    group = "PixelClassification/ClassifierForests"
    with h5py.File(path) as project:
        names = [name for name in project[group] if name.startswith("Forest")]
        trees = sum(name.startswith("Tree_") for forest in names for name in project[group][forest])
    forests = [vigra.learning.RandomForest(path, f"{group}/{name}") for name in names]
    fastest("vigra", trees, *(forest.predictProbabilities for forest in forests))


def trained(labelled, trees):
    index = numpy.arange(labelled) * (len(rows) // labelled)
    labels = ((((index.astype(numpy.uint64) + 1) * 2654435761) % 2**32) >> 8) % 3 + 1
    labels = labels.astype(numpy.uint32)
    try:
        import vigra
        forest = vigra.learning.RandomForest(trees)
        forest.learnRF(numpy.ascontiguousarray(rows[index]), labels.reshape(-1, 1))
        fastest("vigra", trees, forest.predictProbabilities)
    except ImportError:
        pass
    try:
        from sklearn.ensemble import RandomForestClassifier
        forest = RandomForestClassifier(trees, n_jobs=1).fit(rows[index], labels)
        fastest("scikit-learn", trees, forest.predict_proba)
    except ImportError:
        pass


if len(sys.argv) == 4:
    stored(sys.argv[3])
else:
    trained(int(sys.argv[3]), int(sys.argv[4]))
