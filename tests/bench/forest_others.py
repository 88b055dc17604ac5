"""Other forests on the rows of forest_compare.ts: prints `name ns-per-pixel-and-tree`, one core, fastest of 3.

forest_others.py ROWS COLUMNS LABELLED TREES      ROWS: binary32, one row of COLUMNS values per pixel
"""
import sys
import time

import numpy

rows = numpy.fromfile(sys.argv[1], numpy.float32).reshape(-1, int(sys.argv[2]))
labelled, trees = int(sys.argv[3]), int(sys.argv[4])
index = numpy.arange(labelled) * (len(rows) // labelled)
labels = ((((index.astype(numpy.uint64) + 1) * 2654435761) % 2**32) >> 8) % 3 + 1
labels = labels.astype(numpy.uint32)


def fastest(name, predict):
    times = []
    for _ in range(3):
        start = time.process_time()
        predict(rows)
        times.append(time.process_time() - start)
    print(name, min(times) / len(rows) / trees * 1e9)


try:
    import vigra
    forest = vigra.learning.RandomForest(trees)
    forest.learnRF(numpy.ascontiguousarray(rows[index]), labels.reshape(-1, 1))
    fastest("vigra", forest.predictProbabilities)
except ImportError:
    pass
try:
    from sklearn.ensemble import RandomForestClassifier
    forest = RandomForestClassifier(trees, n_jobs=1).fit(rows[index], labels)
    fastest("scikit-learn", forest.predict_proba)
except ImportError:
    pass
