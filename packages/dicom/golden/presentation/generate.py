"""Golden presentation values: pydicom's modality and VOI transformations, then one inversion, scaled to [0, 1].

Run: /usr/bin/python3 generate.py > cases.json
"""
import json

import numpy as np
from pydicom.dataset import Dataset
from pydicom.pixel_data_handlers.util import apply_modality_lut, apply_voi_lut

RAMP12 = [0, 1, 2, 99, 100, 101, 511, 1023, 1024, 1500, 2047, 2048, 2049, 3000, 4094, 4095]
SIGNED = [-2048, -2047, -1000, -1, 0, 1, 500, 1024, 2046, 2047]


def lut_item(first, bits, entries):
    return {"first": first, "bits": bits, "entries": entries}


def to_item(lut, signed):
    item = Dataset()
    item.add_new(0x00283002, "SS" if signed else "US", [len(lut["entries"]), lut["first"], lut["bits"]])
    item.add_new(0x00283006, "US", lut["entries"])
    return item


def case(name, stored, photometric="MONOCHROME2", shape=None, rescale=(1, 0), modality_lut=None, windows=(),
         function="LINEAR", voi_lut=None, signed=False):
    ds = Dataset()
    ds.BitsStored, ds.BitsAllocated, ds.PixelRepresentation = 12, 16, int(signed)
    ds.PhotometricInterpretation = photometric
    if modality_lut:
        ds.ModalityLUTSequence = [to_item(modality_lut, signed)]
    else:
        ds.RescaleSlope, ds.RescaleIntercept = rescale
    values = apply_modality_lut(np.array(stored, "<i2" if signed else "<u2"), ds)
    if voi_lut:
        ds.VOILUTSequence = [to_item(voi_lut, signed)]
        out = apply_voi_lut(values, ds).astype(float) / (2 ** voi_lut["bits"] - 1)
    elif windows:
        ds.WindowCenter, ds.WindowWidth = [w[0] for w in windows], [w[1] for w in windows]
        ds.VOILUTFunction = function
        # pydicom scales a window to the output range of the modality step: [low, high].
        if modality_lut:
            low, high = 0, 2 ** modality_lut["bits"] - 1
        else:
            lowest, highest = (-2048, 2047) if signed else (0, 4095)
            low, high = lowest * rescale[0] + rescale[1], highest * rescale[0] + rescale[1]
        out = (apply_voi_lut(values, ds, index=0).astype(float) - low) / (high - low)
    else:
        values = values.astype(float)
        out = (values - values.min()) / (values.max() - values.min())
    if photometric == "MONOCHROME1" or shape == "INVERSE":
        out = 1 - out
    return {"name": name, "stored": stored, "isSigned": signed, "photometricInterpretation": photometric,
            "presentationLutShape": shape, "rescale": list(rescale), "modalityLut": modality_lut,
            "windows": [list(w) for w in windows], "voiLutFunction": function, "voiLut": voi_lut,
            "expected": [float(v) for v in out]}


WINDOW = [(1500.5, 1000.0)]
VOI = lut_item(100, 10, [int(1023 * (i / 999) ** 2) for i in range(1000)])
cases = [
    case("LINEAR", RAMP12, windows=WINDOW),
    case("LINEAR, first of two windows", RAMP12, windows=[(2000, 300), (100, 50)]),
    case("LINEAR of width 2", RAMP12, windows=[(2048, 2)]),
    case("LINEAR_EXACT", RAMP12, windows=WINDOW, function="LINEAR_EXACT"),
    case("SIGMOID", RAMP12, windows=WINDOW, function="SIGMOID"),
    case("SIGMOID, MONOCHROME1", RAMP12, "MONOCHROME1", "INVERSE", windows=WINDOW, function="SIGMOID"),
    case("MONOCHROME1 alone", RAMP12, "MONOCHROME1", windows=WINDOW),
    case("INVERSE alone", RAMP12, "MONOCHROME2", "INVERSE", windows=WINDOW),
    case("IDENTITY", RAMP12, "MONOCHROME2", "IDENTITY", windows=WINDOW),
    case("rescale before the window", RAMP12, rescale=(0.5, -300), windows=[(800, 900)]),
    case("signed stored values", SIGNED, windows=[(100, 1500)], signed=True),
    case("signed, rescaled, LINEAR_EXACT", SIGNED, rescale=(2, 10), windows=[(100, 1500)], function="LINEAR_EXACT",
         signed=True),
    case("VOI LUT of 10 bits", RAMP12, voi_lut=VOI),
    case("VOI LUT, MONOCHROME1", RAMP12, "MONOCHROME1", "INVERSE", voi_lut=VOI),
    case("VOI LUT with a negative first value", SIGNED, voi_lut=lut_item(-500, 10, [i + 300 for i in range(700)]),
         signed=True),
    case("modality LUT, then a window", RAMP12, modality_lut=lut_item(50, 16, [65535 - 16 * i for i in range(4000)]),
         windows=[(32000, 48000)]),
    case("neither window nor LUT", RAMP12),
    case("neither, MONOCHROME1", RAMP12, "MONOCHROME1"),
]
print(json.dumps(cases, indent=1))
