"""Weighted mean of so many updates by numpy, accumulated in float64 as Crossread does; no lineage, no digests."""

import argparse

import numpy

from contestant import serve

parser = argparse.ArgumentParser()
parser.add_argument("--updates", type=int, required=True)
parser.add_argument("--size", type=int, required=True)
arguments = parser.parse_args()

random = numpy.random.default_rng(42)
updates = [random.standard_normal(arguments.size, dtype=numpy.float32) for _ in range(arguments.updates)]
counts = [100 + index for index in range(arguments.updates)]


def step():
    total = numpy.zeros(arguments.size, dtype=numpy.float64)
    for count, update in zip(counts, updates):
        total += count * update.astype(numpy.float64)
    return (total / sum(counts)).astype(numpy.float32)


serve(step, {"version": f"numpy {numpy.__version__}"})
