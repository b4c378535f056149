"""Bytes of a DICOM file to presented float32 pixels by pydicom: no resizing, no checks of mammography rules."""

import argparse
import io

import numpy
import pydicom
from pydicom.pixel_data_handlers.util import apply_voi_lut

from contestant import serve

parser = argparse.ArgumentParser()
parser.add_argument("files", nargs="+")
arguments = parser.parse_args()

contents = []
for name in arguments.files:
    with open(name, "rb") as file:
        contents.append(file.read())


def step():
    for content in contents:
        dataset = pydicom.dcmread(io.BytesIO(content))
        apply_voi_lut(dataset.pixel_array, dataset).astype(numpy.float32)


serve(step, {"version": f"pydicom {pydicom.__version__}"})
