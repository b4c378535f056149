"""compare-pixels.py BEFORE AFTER …: pydicom reads both files of every pair; pixels must be equal and identity gone.

Prints one JSON object: how many pairs, how many of them had pixels that pydicom can decode here, and what is wrong.
"""
import json
import sys
import warnings

import numpy
import pydicom

warnings.simplefilter("ignore")
arguments = sys.argv[1:]
problems = []
decoded = 0
for before_path, after_path in zip(arguments[::2], arguments[1::2]):
    before = pydicom.dcmread(before_path, force=True)
    after = pydicom.dcmread(after_path)
    if after.PatientIdentityRemoved != "YES" or not after.PatientID.startswith("XR-"):
        problems.append([before_path, "no pseudonym"])
    if after.PatientName != after.PatientID or after.PatientBirthDate != "" or after.AccessionNumber != "":
        problems.append([before_path, "patient module"])
    codes = [item.CodeValue for item in after.DeidentificationMethodCodeSequence]
    if codes[0] != "113100" or any(item.CodingSchemeDesignator != "DCM" for item in after.DeidentificationMethodCodeSequence):
        problems.append([before_path, "method codes"])
    if any(element.tag.is_private for element in after.iterall()):
        problems.append([before_path, "private elements"])
    if after.file_meta.MediaStorageSOPInstanceUID != after.SOPInstanceUID or any(after.preamble):
        problems.append([before_path, "file meta"])
    try:
        expected = before.pixel_array
    except Exception:
        continue
    decoded += 1
    if not numpy.array_equal(expected, after.pixel_array):
        problems.append([before_path, "pixels differ"])
print(json.dumps({"pairs": len(arguments) // 2, "decoded": decoded, "problems": problems}))
