"""What Orthanc takes out: /usr/bin/python3 ask-orthanc.py (Debian's orthanc and python3-pydicom).

Gives Orthanc one secondary capture with every attribute of pydicom's dictionary in groups 0008 to 3010 that can hold text or
a UID, lets it anonymise (its Basic Profile), and writes the tags whose value is gone or another to orthanc.json.
"""
import json
import pathlib
import subprocess
import tempfile
import time
import urllib.request

import pydicom
from pydicom.datadict import DicomDictionary
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

here = pathlib.Path(__file__).parent
port = 18042
values = {
    "AE": "KEEPME", "AS": "033Y", "CS": "KEEPME", "DA": "20010203", "DS": "7.25", "DT": "20010203040506", "IS": "725",
    "LO": "Keep me", "LT": "Keep me", "PN": "Keep^Me", "SH": "Keep me", "ST": "Keep me", "TM": "040506", "UC": "Keep me",
    "UI": "1.2.3.725", "UR": "http://keep.example", "UT": "Keep me",
}
structural = {0x00080005, 0x00080016, 0x00080018, 0x00080008, 0x00280004, 0x00280008}
data = Dataset()
for tag, (vr, _vm, _name, _retired, _keyword) in DicomDictionary.items():
    group = tag >> 16
    if 0x0008 <= group <= 0x3010 and vr in values and tag not in structural and tag & 0xFFFF:
        data.add_new(tag, vr, values[vr])
data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
data.SOPInstanceUID = "1.2.3.725"
data.Rows = data.Columns = 2
data.SamplesPerPixel, data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 1, 8, 8, 7, 0
data.PhotometricInterpretation = "MONOCHROME2"
data.PixelData = bytes(4)
meta = FileMetaDataset()
meta.TransferSyntaxUID = ExplicitVRLittleEndian
meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = data.SOPClassUID, data.SOPInstanceUID
data.file_meta, data.is_little_endian, data.is_implicit_VR = meta, True, False

with tempfile.TemporaryDirectory() as folder:
    file = f"{folder}/all.dcm"
    data.save_as(file, write_like_original=False)
    settings = {"StorageDirectory": folder, "IndexDirectory": folder, "HttpPort": port, "DicomServerEnabled": False, "RemoteAccessAllowed": False, "Plugins": []}
    pathlib.Path(f"{folder}/orthanc.json").write_text(json.dumps(settings))
    orthanc = subprocess.Popen(["Orthanc", f"{folder}/orthanc.json"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        ask = lambda path, body: urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body)).read()
        for _ in range(100):
            try:
                version = json.loads(urllib.request.urlopen(f"http://127.0.0.1:{port}/system").read())["Version"]
                break
            except OSError:
                time.sleep(0.1)
        stored = json.loads(ask("/instances", pathlib.Path(file).read_bytes()))
        anonymised = ask(f"/instances/{stored['ID']}/anonymize", b"{}")
        pathlib.Path(f"{folder}/after.dcm").write_bytes(anonymised)
        after = pydicom.dcmread(f"{folder}/after.dcm")
    finally:
        orthanc.terminate()
        orthanc.wait()

asked, changed = [], []
for element in data:
    if element.VR not in values or element.tag in structural:
        continue
    tag = f"{int(element.tag):08X}"
    asked.append(tag)
    if element.tag not in after or str(after[element.tag].value) != str(element.value):
        changed.append(tag)
(here / "orthanc.json").write_text(json.dumps({"orthanc": version, "askedCount": len(asked), "changed": changed}, indent=1) + "\n")
print(version, len(asked), len(changed))
