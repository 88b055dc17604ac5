"""Other programs' filters for the features of features_compare.ts on a Z x Y x X image, one core; prints the seconds.

features_others.py vigra Z Y X          one filter per feature and scale, sigmas and windows of ilastik's older path
features_others.py fastfilters2 1 Y X   all that it has: 42 of the 49 features (no difference of Gaussians, no scale 0.3)
"""
import sys
import time

import numpy

SCALES = (0.7, 1.0, 1.6, 3.5, 5.0, 10.0)
name = sys.argv[1]
z, y, x = map(int, sys.argv[2:5])
shape = (y, x) if z == 1 else (z, y, x)
image = numpy.random.default_rng(0).integers(0, 256, shape).astype(numpy.float32)

if name == "vigra":
    import vigra
    image = vigra.taggedView(image, "zyx"[3 - len(shape):])

    def features():
        vigra.filters.gaussianSmoothing(image, 0.3, window_size=3.5)
        for s in SCALES:
            vigra.filters.gaussianSmoothing(image, s, window_size=3.5)
            vigra.filters.laplacianOfGaussian(image, s, window_size=3.5)
            vigra.filters.gaussianGradientMagnitude(image, s, window_size=3.5)
            vigra.filters.gaussianSmoothing(image, s, window_size=3.5) - vigra.filters.gaussianSmoothing(
                image, 0.66 * s, window_size=3.5)
            vigra.filters.structureTensorEigenvalues(image, s, 0.5 * s, window_size=3.5)
            vigra.filters.hessianOfGaussianEigenvalues(image, s, window_size=3.5)
else:
    import fastfilters2

    def features():
        for s in SCALES:
            fastfilters2.compute_filters(image, s)


start = time.process_time()
features()
print(time.process_time() - start)
