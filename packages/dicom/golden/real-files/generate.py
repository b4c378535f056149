"""SHA-256 of the stored values (int32, little endian) of the real files' only frame, decoded by native tools.

Run: /usr/bin/python3 generate.py TESTDATA > digests.json   (needs dcmtk, libgdcm-tools)
"""
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pydicom

root = Path(sys.argv[1])
decoded = Path(tempfile.mkdtemp()) / "decoded.dcm"
digests = {}


def decoder_of(syntax):
    number = syntax.removeprefix("1.2.840.10008.1.2.")
    if number.startswith("4.8"):
        return ["dcmdjpls"]
    if number.startswith("4.9"):
        return ["gdcmconv", "--raw"]
    return ["dcmdjpeg", "+cn"] if number.startswith("4.") else ["dcmdrle"] if number == "5" else ["dcmconv", "+te"]


for path in sorted([*root.glob("transfer-syntaxes/*/*"), *root.glob("mammography/*")]):
    try:
        ds = pydicom.dcmread(path, force=True)
        is_plain = ds.get("SamplesPerPixel") == 1 and ds.get("BitsAllocated") in (8, 16) and int(ds.get("NumberOfFrames") or 1) == 1
        syntax = ds.file_meta.TransferSyntaxUID
    except Exception:
        continue
    if "PixelData" not in ds or not is_plain or path.suffix == ".dat":
        continue
    tool = decoder_of(syntax)
    done = subprocess.run([*tool, str(path), str(decoded)], capture_output=True, check=False)
    if done.returncode != 0:
        print("left out:", path.name, done.stderr.decode()[-120:].strip(), file=sys.stderr)
        continue
    out = pydicom.dcmread(decoded)
    words = np.frombuffer(out.PixelData, "<u2" if out.BitsAllocated == 16 else "u1")[: out.Rows * out.Columns]
    if len(words) < out.Rows * out.Columns:
        continue
    values = (words.astype(np.int64) >> (out.HighBit + 1 - out.BitsStored)) & (2**out.BitsStored - 1)
    if out.PixelRepresentation:
        values = values - (values >> (out.BitsStored - 1) << out.BitsStored)
    digests[str(path.relative_to(root))] = {"syntax": str(syntax), "sha256": hashlib.sha256(values.astype("<i4").tobytes()).hexdigest()}
json.dump(digests, sys.stdout, indent=1)
