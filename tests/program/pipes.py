"""Runs the program from files to files and from pipe to pipe, with NumPy at both ends, and compares.

Reads from stdin a JSON object: "program" (words), "project", "shape" and "dtype" of the input, "order" (C or F, `>` for
big endian in "dtype"), "options" of the run, "flag" before the input, "folder" for files.
"""
import io
import json
import subprocess
import sys

import numpy


def call(words, data=None):
    done = subprocess.run(words, input=data, capture_output=True)
    if done.returncode != 0 or done.stderr:
        sys.exit(f"{done.returncode}: {done.stderr.decode()}")
    return done.stdout


case = json.load(sys.stdin)
numbers = numpy.random.default_rng(1)
image = numbers.integers(0, 255, case["shape"]).astype(case["dtype"])
image = numpy.asarray(image, order=case["order"])
source, target = case["folder"] + "/a.npy", case["folder"] + "/b.npy"
numpy.save(source, image)
words = [*case["program"], "--project=" + case["project"], *case["options"]]
call([*words, case["flag"] + source, "--output_format=numpy", "--output_filename_format=" + target])
piped = call([*words, case["flag"] + "-", "--output_filename_format=-"], open(source, "rb").read())

found, wanted = numpy.load(io.BytesIO(piped)), numpy.load(target)
assert (found.shape, found.dtype) == (wanted.shape, wanted.dtype), (found.shape, found.dtype)
assert numpy.array_equal(found, wanted)
assert wanted.size > 1 and wanted.min() < wanted.max()
