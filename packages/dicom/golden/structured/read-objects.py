"""Reads a report, a presentation state and a parametric map with pydicom, says what it found, writes them again."""

import json
import sys

import pydicom
from pydicom.uid import ImplicitVRLittleEndian


def name(item):
    return item.ConceptNameCodeSequence[0].CodeMeaning if "ConceptNameCodeSequence" in item else ""


def coordinates(item, found):
    if item.ValueType == "SCOORD":
        source = item.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID
        found.append([item.GraphicType, len(item.GraphicData) // 2, source])
    if item.ValueType == "NUM" and name(item) == "Suspicion of malignancy":
        found.append(["NUM", int(item.MeasuredValueSequence[0].NumericValue), ""])
    for child in item.get("ContentSequence", []):
        coordinates(child, found)
    return found


report, state, parametric = (pydicom.dcmread(path) for path in sys.argv[1:4])
outcome = {
    "classes": [one.SOPClassUID.name for one in (report, state, parametric)],
    "patients": sorted({f"{one.PatientID} {one.PatientName} {one.StudyInstanceUID}" for one in (report, state, parametric)}),
    "title": name(report),
    "template": report.ContentTemplateSequence[0].TemplateIdentifier,
    "content": coordinates(report, []),
    "evidence": sorted(
        image.ReferencedSOPInstanceUID
        for series in report.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
        for image in series.ReferencedSOPSequence
    ),
    "graphics": [
        [graphic.GraphicType, graphic.NumberOfGraphicPoints, len(graphic.GraphicData)]
        for annotation in state.GraphicAnnotationSequence
        for graphic in annotation.GraphicObjectSequence
    ],
    "window": [float(state.SoftcopyVOILUTSequence[0].WindowCenter), float(state.SoftcopyVOILUTSequence[0].WindowWidth)],
    "map": parametric.pixel_array.astype("<f4").ravel().tolist(),
    "spacing": [float(one) for one in parametric.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing],
}
for path, one in zip(sys.argv[1:4], (report, state, parametric)):
    one.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    one.is_implicit_VR = True
    one.save_as(path + ".again", write_like_original=False)
print(json.dumps(outcome))
