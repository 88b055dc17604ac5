"""vigra's filters for the features of features_compare.ts on a Z x Y x X image, one core; prints the seconds.

Same sigmas and window sizes as ilastik's older path: one filter per feature and scale on the raw image.
"""
import sys
import time

import numpy
import vigra

z, y, x = map(int, sys.argv[1:4])
shape = (y, x) if z == 1 else (z, y, x)
image = numpy.random.default_rng(0).integers(0, 256, shape).astype(numpy.float32)
image = vigra.taggedView(image, "zyx"[3 - len(shape):])


def features():
    vigra.filters.gaussianSmoothing(image, 0.3, window_size=3.5)
    for s in (0.7, 1.0, 1.6, 3.5, 5.0, 10.0):
        vigra.filters.gaussianSmoothing(image, s, window_size=3.5)
        vigra.filters.laplacianOfGaussian(image, s, window_size=3.5)
        vigra.filters.gaussianGradientMagnitude(image, s, window_size=3.5)
        vigra.filters.gaussianSmoothing(image, s, window_size=3.5) - vigra.filters.gaussianSmoothing(
            image, 0.66 * s, window_size=3.5)
        vigra.filters.structureTensorEigenvalues(image, s, 0.5 * s, window_size=3.5)
        vigra.filters.hessianOfGaussianEigenvalues(image, s, window_size=3.5)


start = time.process_time()
features()
print(time.process_time() - start)
