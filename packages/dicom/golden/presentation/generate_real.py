"""SHA-256 of the presentation values of real files, as integers in 0...top, by pydicom.

Run: /usr/bin/python3 generate_real.py TESTDATA/transfer-syntaxes/pydicom > real-files.json
"""
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import pydicom
from pydicom.pixel_data_handlers.util import apply_modality_lut, apply_voi_lut

root = Path(sys.argv[1])
out = []
for name in ("vlut_04.dcm", "MR_small.dcm", "693_UNCI.dcm", "RG3_J2KR.dcm"):
    ds = pydicom.dcmread(root / name)
    top = 65535 if "VOILUTSequence" in ds else 255
    values = apply_modality_lut(ds.pixel_array, ds)
    if "VOILUTSequence" in ds:
        shown = apply_voi_lut(values, ds) / (2 ** ds.VOILUTSequence[0].LUTDescriptor[2] - 1)
    elif "WindowCenter" in ds:
        # pydicom scales a window to the range of the stored values after the rescale.
        signed = ds.PixelRepresentation == 1
        lowest, highest = (-(2 ** (ds.BitsStored - 1)), 2 ** (ds.BitsStored - 1) - 1) if signed else (0, 2**ds.BitsStored - 1)
        slope, intercept = float(ds.get("RescaleSlope", 1)), float(ds.get("RescaleIntercept", 0))
        low, high = lowest * slope + intercept, highest * slope + intercept
        shown = (apply_voi_lut(values, ds, index=0).astype(float) - low) / (high - low)
    else:
        values = values.astype(float)
        shown = (values - values.min()) / (values.max() - values.min())
    if ds.PhotometricInterpretation == "MONOCHROME1":
        shown = 1 - shown
    # float32 as in the reader, so that halves round alike
    levels = np.floor(shown.astype(np.float32).astype(float) * top + 0.5).astype("<u2")
    out.append({"name": name, "top": top, "sha256": hashlib.sha256(levels.tobytes()).hexdigest()})
print(json.dumps(out, indent=1))
