"""Golden transfer syntaxes: one image per bit depth and sign, encoded by dcmtk, GDCM, OpenJPEG and OpenJPH.

Every case holds a DICOM file and the stored values that its pixels stand for: of a lossless coding those that were
encoded, of a lossy one what the native decoder (dcmtk's, OpenJPEG's) gives.

Run: /usr/bin/python3 generate.py > cases.json   (needs dcmtk, libgdcm-tools, libopenjp2-tools, openjph-tools)
"""
import base64
import json
import math
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian

WIDTH, HEIGHT = 37, 29
work = Path(tempfile.mkdtemp())
cases = []
pictures = {}


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stdout.decode()} {done.stderr.decode()}")


def picture(bits, signed):
    """A smooth bright disc with noise, and both ends of the range."""
    rng = random.Random(bits * 2 + signed)
    low, top = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    span = top - low
    rows = []
    for y in range(HEIGHT):
        for x in range(WIDTH):
            fall = math.exp(-((x - 12) ** 2 + (y - 14) ** 2) / 150)
            value = low + int(span * (0.1 + 0.75 * fall)) + rng.randint(-span // 100 - 1, span // 100 + 1)
            rows.append(min(max(value, low), top))
    rows[0], rows[1], rows[-1] = low, top, top
    return np.array(rows, np.int32).reshape(HEIGHT, WIDTH)


def write_source(path, values, bits, signed, high_bit=None):
    allocated = 8 if bits == 8 else 16
    high_bit = bits - 1 if high_bit is None else high_bit
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1.2"
    meta.MediaStorageSOPInstanceUID = f"2.25.{1000 + bits * 2 + signed}"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = "2.25.1"
    ds = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    ds.is_little_endian, ds.is_implicit_VR = True, False
    ds.SOPClassUID, ds.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    ds.ImageType = ["ORIGINAL", "PRIMARY", ""]
    ds.StudyInstanceUID, ds.SeriesInstanceUID = "2.25.11", "2.25.12"
    ds.Modality, ds.PatientID, ds.PatientName, ds.PresentationIntentType = "MG", "S1", "S1", "FOR PRESENTATION"
    ds.ImageLaterality, ds.ViewPosition, ds.BodyPartExamined = "L", "CC", "BREAST"
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = HEIGHT, WIDTH
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = allocated, bits, high_bit, int(signed)
    stored = (values & (2**bits - 1)) << (high_bit + 1 - bits)
    if signed and high_bit == bits - 1:
        stored = values & (2**allocated - 1)  # sign-extended, as acquisition devices write it
    data = stored.astype("<u2" if allocated == 16 else "u1").tobytes()
    ds.PixelData = data + b"\0" * (len(data) % 2)
    ds["PixelData"].VR = "OW" if allocated == 16 else "OB"
    ds.save_as(str(path), write_like_original=False)


def stored_values(path):
    """Stored values of a native file; the shift and the sign follow PS3.5 8.1.1."""
    ds = pydicom.dcmread(str(path))
    words = np.frombuffer(ds.PixelData, "<u2" if ds.BitsAllocated == 16 else "u1")[: ds.Rows * ds.Columns]
    values = (words.astype(np.int64) >> (ds.HighBit + 1 - ds.BitsStored)) & (2**ds.BitsStored - 1)
    return values - (values >> (ds.BitsStored - 1) << ds.BitsStored) if ds.PixelRepresentation else values


def add(name, path, expected, tolerance=0):
    plane = base64.b64encode(np.asarray(expected).astype("<i4").tobytes()).decode()
    picture_name = next((key for key, value in pictures.items() if value == plane), f"picture {len(pictures) + 1}")
    pictures[picture_name] = plane
    cases.append({
        "name": name,
        "transferSyntaxUid": str(pydicom.filereader.read_file_meta_info(str(path)).TransferSyntaxUID),
        "tolerance": tolerance,
        "file": base64.b64encode(Path(path).read_bytes()).decode(),
        "expected": picture_name,
    })


def encapsulated(source, path, codestream, uid):
    ds = pydicom.dcmread(str(source))
    # pydicom 2.3 does not know the UIDs of HTJ2K: write one of the same length that it knows, then put the right one.
    known = {22: "1.2.840.10008.1.2.4.50", 23: "1.2.840.10008.1.2.4.100"}[len(uid)]
    ds.file_meta.TransferSyntaxUID = known
    ds.PixelData = encapsulate([codestream])
    ds["PixelData"].is_undefined_length = True
    ds["PixelData"].VR = "OB"
    ds.save_as(str(path), write_like_original=False)
    path.write_bytes(path.read_bytes().replace(known.encode(), uid.encode(), 1))


def write_pgm(path, values, bits):
    kind = ">u2" if bits > 8 else "u1"
    path.write_bytes(f"P5\n{WIDTH} {HEIGHT}\n{2**bits - 1}\n".encode() + values.astype(kind).tobytes())


def with_sign(codestream, signed):
    """Sets the sign bit of Ssiz (T.800 A.5.1), the byte 42 of the codestream."""
    return codestream[:42] + bytes([codestream[42] | 0x80]) + codestream[43:] if signed else codestream


def read_pgm(path):
    raw = Path(path).read_bytes()
    top = int(re.match(rb"P5\s+(?:#[^\n]*\n)?\d+\s+\d+\s+(\d+)\s", raw)[1])
    size = WIDTH * HEIGHT * (1 if top < 256 else 2)
    return np.frombuffer(raw[-size:], "u1" if top < 256 else ">u2")


def dcmtk(name, source, truth, program, *options, lossy=None, tolerance=0):
    path = work / f"{name}.dcm".replace(" ", "_")
    try:
        run(program, *options, source, path)
    except RuntimeError as error:  # Debian's GDCM has its assertions on and cannot encode every depth
        print("left out:", name, str(error)[-160:].strip(), file=sys.stderr)
        return
    if lossy is None:
        add(name, path, truth, tolerance)
    else:
        decoded = work / "decoded.dcm"
        run(*lossy, path, decoded)
        add(name, path, stored_values(decoded), tolerance)


for bits in (8, 10, 12, 14, 16):
    for signed in (False, True):
        values = picture(bits, signed)
        truth = values.reshape(-1)
        source = work / f"source-{bits}-{signed}.dcm"
        write_source(source, values, bits, signed)
        label = f"{bits} bits {'signed' if signed else 'unsigned'}"
        add(f"{label}, explicit little endian", source, truth)
        dcmtk(f"{label}, implicit", source, truth, "dcmconv", "+ti")
        dcmtk(f"{label}, big endian", source, truth, "dcmconv", "+tb")
        dcmtk(f"{label}, deflated", source, truth, "dcmconv", "+td")
        dcmtk(f"{label}, RLE by dcmtk", source, truth, "dcmcrle")
        dcmtk(f"{label}, RLE by GDCM", source, truth, "gdcmconv", "--rle")
        dcmtk(f"{label}, JPEG Lossless SV1 by dcmtk", source, truth, "dcmcjpeg", "+e1")
        dcmtk(f"{label}, JPEG Lossless SV1 by GDCM", source, truth, "gdcmconv", "--jpeg")
        for predictor in (2, 4, 6, 7) if bits in (8, 12, 16) else (5,):
            dcmtk(f"{label}, JPEG Lossless predictor {predictor}", source, truth, "dcmcjpeg", "+el", "+sv", predictor)
        dcmtk(f"{label}, JPEG-LS by dcmtk", source, truth, "dcmcjpls", "+el")
        dcmtk(f"{label}, JPEG-LS by GDCM", source, truth, "gdcmconv", "--jpegls")
        dcmtk(f"{label}, JPEG-LS in fragments", source, truth, "dcmcjpls", "+el", "+fs", 1)
        dcmtk(f"{label}, JPEG 2000 reversible", source, truth, "gdcmconv", "--j2k")
        # Signed values are encoded as unsigned ones above the middle; the sign bit in SIZ then moves them back.
        pgm = work / "plane.pgm"
        write_pgm(pgm, values + (2 ** (bits - 1) if signed else 0), bits)
        for uid, order in (("201", "CPRL"), ("202", "RPCL")):
            run("ojph_compress", "-i", pgm, "-o", work / "plane.j2c", "-reversible", "true", "-prog_order", order)
            path = work / f"{label}-{uid}.dcm".replace(" ", "_")
            encapsulated(source, path, with_sign((work / "plane.j2c").read_bytes(), signed), f"1.2.840.10008.1.2.4.{uid}")
            add(f"{label}, HTJ2K reversible {order}", path, truth)
        if not signed:
            dcmtk(f"{label}, JPEG-LS near 3", source, truth, "dcmcjpls", "+en", "+md", 3, lossy=("dcmdjpls",))
            # The references are OpenJPEG's, natively: their 9/7 wavelet is in floating point. Its decoder of
            # high-throughput blocks is another than OpenJPH's.
            run("ojph_compress", "-i", pgm, "-o", work / "plane.j2c", "-reversible", "false", "-qstep", "0.002")
            run("opj_compress", "-i", pgm, "-o", work / "plane.j2k", "-I", "-n", 4, "-q", 45)
            for name, uid, codestream in (("HTJ2K", "203", "plane.j2c"), ("JPEG 2000", "91", "plane.j2k")):
                encoded = (work / codestream).read_bytes()
                path = work / f"{label}-{uid}.dcm".replace(" ", "_")
                encapsulated(source, path, encoded, f"1.2.840.10008.1.2.4.{uid}")
                (work / "again.j2k").write_bytes(encoded)
                run("opj_decompress", "-i", work / "again.j2k", "-o", work / "decoded.pgm")
                add(f"{label}, {name} irreversible", path, read_pgm(work / "decoded.pgm"), 1)
        if bits == 8 and not signed:
            dcmtk(f"{label}, JPEG baseline", source, truth, "dcmcjpeg", "+eb", "+q", 85, lossy=("dcmdjpeg",))
            dcmtk(f"{label}, JPEG extended", source, truth, "dcmcjpeg", "+ee", "+be", "+q", 85, lossy=("dcmdjpeg",))
        if bits == 12 and not signed:
            for quality in (50, 85, 100):
                dcmtk(f"{label}, JPEG extended, quality {quality}", source, truth, "dcmcjpeg", "+ee", "+bt", "+q", quality,
                      lossy=("dcmdjpeg",))

for bits, high_bit in ((12, 15), (10, 12)):
    for signed in (False, True):
        values = picture(bits, signed)
        source = work / f"source-{bits}-{signed}-{high_bit}.dcm"
        write_source(source, values, bits, signed, high_bit)
        label = f"{bits} bits {'signed' if signed else 'unsigned'} below high bit {high_bit}"
        add(f"{label}, explicit little endian", source, values.reshape(-1))
        dcmtk(f"{label}, big endian", source, values.reshape(-1), "dcmconv", "+tb")
        dcmtk(f"{label}, RLE", source, values.reshape(-1), "dcmcrle")

json.dump({"pictures": pictures, "cases": cases}, sys.stdout, indent=0)
