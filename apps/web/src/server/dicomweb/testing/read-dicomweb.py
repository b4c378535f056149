"""Reads what a DICOMweb service gives, with pydicom: URL TOKEN STUDY FILE → one JSON object.

FILE is the instance as it was kept; the answer says what differs from it, and sums the pixels that came.
"""

import email
import json
import sys
import urllib.request
from io import BytesIO

import pydicom

url, token, study, path = sys.argv[1:]


def get(address, accept):
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}", "Accept": accept})
    with urllib.request.urlopen(request) as answer:
        return answer.headers["Content-Type"], answer.read()


def parts(content_type, body):
    message = email.message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    return [part.get_payload(decode=True) for part in message.get_payload()]


def differences(left, right):
    # Long binary values go by address, and nothing but Pixel Data is one here.
    tags = (set(left.keys()) | set(right.keys())) - {pydicom.tag.Tag(0x7FE00010)}
    return sorted(str(tag) for tag in tags if left.get(tag) != right.get(tag))


kept = pydicom.dcmread(path)
found = json.loads(get(f"{url}/studies?PatientID={kept.PatientID}", "application/dicom+json")[1])
metadata = json.loads(get(f"{url}/studies/{study}/metadata", "application/dicom+json")[1])
described = [pydicom.Dataset.from_json(one, bulk_data_uri_handler=lambda *_: b"") for one in metadata]
same = [one for one in described if one.SOPInstanceUID == kept.SOPInstanceUID]
retrieved = [
    pydicom.dcmread(BytesIO(part))
    for part in parts(*get(f"{url}/studies/{study}", 'multipart/related; type="application/dicom"'))
]
pixels = [one.pixel_array for one in retrieved if one.SOPInstanceUID == kept.SOPInstanceUID]
address = metadata[described.index(same[0])]["7FE00010"]["BulkDataURI"]
frame = get(address, "application/octet-stream")[1]
print(
    json.dumps(
        {
            "studies": [pydicom.Dataset.from_json(one).StudyInstanceUID for one in found],
            "described": len(described),
            "differences": differences(same[0], kept),
            "retrieved": len(retrieved),
            "transferSyntaxes": sorted({one.file_meta.TransferSyntaxUID for one in retrieved}),
            "isSamePixels": bool((pixels[0] == kept.pixel_array).all()),
            "isSameFrame": frame == pixels[0].astype("<u2").tobytes(),
        }
    )
)
