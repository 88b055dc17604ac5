"""Prints the seconds of one training by another library, for train_compare.ts.

python train_others.py (sklearn | vigra) FOLDER COLUMNS THREADS
"""

import sys
import time

import numpy as np

library, folder, columns, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
x = np.fromfile(f"{folder}/features", np.float32).reshape(-1, columns)
y = np.fromfile(f"{folder}/labels", np.uint8)

if library == "sklearn":
    from sklearn.ensemble import RandomForestClassifier

    # The options that mean what vigra's defaults mean; the out-of-bag error, which ours includes, is left out.
    forest = RandomForestClassifier(n_estimators=100, max_features="sqrt", bootstrap=True, n_jobs=threads)
    start = time.perf_counter()
    forest.fit(x, y)
else:
    import vigra

    labels = y.astype(np.uint32)[:, None]
    start = time.perf_counter()
    for trees in [13, 13, 13, 13, 12, 12, 12, 12]:
        vigra.learning.RandomForest(treeCount=trees).learnRF(x, labels)
print(time.perf_counter() - start)
