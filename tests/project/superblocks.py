"""Copies a project into files of all superblock versions, each with a dataset that prediction does not need at its end.

usage: superblocks.py PROJECT FOLDER; writes FOLDER/0.ilp … FOLDER/3.ilp
"""

import ctypes
import re
import sys

import h5py
import numpy

LIBRARIES = {0: "earliest", 1: "earliest", 2: ("v108", "v108"), 3: ("v110", "v110")}


def loaded_hdf5():
    """The HDF5 library of h5py, for what h5py has no name for."""
    with open("/proc/self/maps") as maps:
        return ctypes.CDLL(re.search(r"/\S*/libhdf5(?:_serial)?[-.]\S*", maps.read()).group())


def create(path, version):
    if version != 1:
        return h5py.File(path, "w", libver=LIBRARIES[version])
    plist = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    # Anything but the default needs version 1.
    assert loaded_hdf5().H5Pset_istore_k(ctypes.c_int64(plist.id), 48) >= 0
    return h5py.File(h5py.h5f.create(path.encode(), h5py.h5f.ACC_TRUNC, plist))


source, folder = sys.argv[1:]
for number in LIBRARIES:
    with h5py.File(source) as original, create(f"{folder}/{number}.ilp", number) as copy:
        for name in original:
            original.copy(name, copy)
        copy.flush()
        copy["Input Data/local_data/late"] = numpy.arange(20000, dtype="u2")
