import { DomainError } from "@crossread/contracts/errors";
import type { DataSet } from "dicom-parser";
import { decimals, type DicomDataSet, firstString, items, strings } from "./dicom-data-set.ts";
import { type LookupTableContext, readLookupTable } from "./lookup-table.ts";
import type { ImagePixel, Presentation } from "./mammogram-instance.ts";
import type { VoiLutFunction, VoiWindow } from "./write-mammogram.ts";

export function readPresentation(dataSet: DicomDataSet, pixel: ImagePixel, fileName: string): Presentation {
  const { root, isBigEndian } = dataSet;
  const context = { isBigEndian, isInputSigned: pixel.isSigned, fileName };
  const modality = readModality(root, context);
  // After a modality LUT the VOI input is unsigned; after a rescale with a negative intercept it may be negative.
  const isVoiInputSigned = "lut" in modality ? false : pixel.isSigned || modality.intercept < 0;
  const shape = firstString(root, "x20500020")?.toUpperCase();
  return {
    modality,
    voiLuts: items(root, "x00283010").map((item) =>
      readLookupTable(item, { ...context, isInputSigned: isVoiInputSigned }),
    ),
    windows: readWindows(root, fileName),
    voiLutFunction: readVoiLutFunction(root, fileName),
    ...(shape === "IDENTITY" || shape === "INVERSE" ? { presentationLutShape: shape } : {}),
  };
}

/** PS3.3 C.11.1: Modality LUT Sequence and rescale exclude each other; the sequence wins where both stand. */
function readModality(root: DataSet, context: LookupTableContext): Presentation["modality"] {
  const [table] = items(root, "x00283000");
  if (table !== undefined) return { lut: readLookupTable(table, context) };
  const [slope = 1] = decimals(root, "x00281053");
  const [intercept = 0] = decimals(root, "x00281052");
  if (!Number.isFinite(slope) || !Number.isFinite(intercept) || slope === 0) {
    throw new DomainError(
      "image-unreadable",
      `Rescale Slope and Intercept must be finite with a slope other than 0, but ${context.fileName} has ${slope} and ${intercept}.`,
    );
  }
  return { slope, intercept };
}

function readWindows(root: DataSet, fileName: string): VoiWindow[] {
  const centers = decimals(root, "x00281050");
  const widths = decimals(root, "x00281051");
  const explanations = strings(root, "x00281055");
  if (centers.length !== widths.length || ![...centers, ...widths].every(Number.isFinite)) {
    throw new DomainError(
      "image-unreadable",
      `Window Center and Window Width must be numbers in pairs, but ${fileName} has ${centers.length} and ${widths.length}.`,
    );
  }
  return centers.map((center, index) => {
    const explanation = explanations[index];
    const width = widths[index] ?? 0;
    return explanation === undefined || explanation === ""
      ? { center, width }
      : { center, width, explanation };
  });
}

/** Absent means LINEAR (C.11.2.1.3); vendors pad it and vary its case. */
function readVoiLutFunction(root: DataSet, fileName: string): VoiLutFunction {
  const value = firstString(root, "x00281056")?.toUpperCase() ?? "LINEAR";
  if (value === "LINEAR" || value === "LINEAR_EXACT" || value === "SIGMOID") return value;
  throw new DomainError(
    "image-unreadable",
    `VOI LUT Function must be LINEAR, LINEAR_EXACT or SIGMOID, but ${fileName} has another value.`,
  );
}
