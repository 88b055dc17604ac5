"""Compares files of one channel each with one array of all channels; h5py and vigra read the files.

Words: the array as .npy with the channels last, then the files in the order of the channels.
"""
import sys

import h5py
import numpy
import vigra


def read(path):
    if path.endswith(".npy"):
        return numpy.load(path)
    if path.endswith(".h5"):
        with h5py.File(path, "r") as file:
            return file["exported_data"][()]
    return numpy.asarray(vigra.impex.readImage(path, dtype="", order="C"))


whole = numpy.load(sys.argv[1])
files = sys.argv[2:]
assert len(files) == whole.shape[-1] > 1, (len(files), whole.shape)
for channel, path in enumerate(files):
    found, wanted = read(path), whole[..., channel]
    assert found.size == wanted.size and found.dtype == wanted.dtype, (path, found.shape, found.dtype)
    assert numpy.array_equal(found.reshape(wanted.shape), wanted), path
