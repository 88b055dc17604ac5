"""Prints what differs between two HDF5 files: groups, datasets with their types, values and attributes.

  compare_projects.py A B [NAME ...]     without members of these names, wherever they lie

Needs h5py.
"""

import sys

import h5py
import numpy

first, second, *without = sys.argv[1:]


def same(a, b):
    if isinstance(a, h5py.Empty) or isinstance(b, h5py.Empty):
        return a == b
    a, b = numpy.asarray(a), numpy.asarray(b)
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes() if a.dtype != object else (
        b.dtype == object and a.tolist() == b.tolist())


def attributes(item):
    return {name: (item.attrs.get_id(name).dtype, item.attrs[name]) for name in item.attrs}


def compare(path, a, b):
    ours, theirs = attributes(a), attributes(b)
    for name in sorted({*ours, *theirs}):
        if name not in ours or name not in theirs or ours[name][0] != theirs[name][0] or not same(
                ours[name][1], theirs[name][1]):
            print(f"{path}@{name}")
    if type(a) is not type(b):
        print(path)
    elif isinstance(a, h5py.Group):
        for name in sorted({*a, *b}):
            if name in without:
                continue
            if name in a and name in b:
                compare(f"{path}/{name}", a[name], b[name])
            else:
                print(f"{path}/{name}")
    elif a.id.get_type() != b.id.get_type() or not same(a[()], b[()]):
        print(path)


with h5py.File(first, "r") as a, h5py.File(second, "r") as b:
    compare("", a, b)
