/** Cuts a DICOM file down to what shows its pixels: nothing that names a patient, a site, a study or a device leaves. */
import { parseDicomDataSet } from "@crossread/dicom/dicom-data-set";

const sopClassUid = "x00080016";

/** Elements kept, besides Pixel Data: how to decode, present, orient and measure the image. */
const keptTags: ReadonlySet<string> = new Set([
  sopClassUid,
  "x00080060", // Modality
  "x00080068", // Presentation Intent Type
  "x00181114", // Estimated Radiographic Magnification Factor
  "x00181164", // Imager Pixel Spacing
  "x00182010", // Nominal Scanned Pixel Spacing
  "x00185101", // View Position
  "x00200020", // Patient Orientation
  "x00200062", // Image Laterality
  "x00280002", // Samples per Pixel
  "x00280004", // Photometric Interpretation
  "x00280008", // Number of Frames
  "x00280010", // Rows
  "x00280011", // Columns
  "x00280030", // Pixel Spacing
  "x00280034", // Pixel Aspect Ratio
  "x00280a02", // Pixel Spacing Calibration Type
  "x00280100", // Bits Allocated
  "x00280101", // Bits Stored
  "x00280102", // High Bit
  "x00280103", // Pixel Representation
  "x00280120", // Pixel Padding Value
  "x00280121", // Pixel Padding Range Limit
  "x00281050", // Window Center
  "x00281051", // Window Width
  "x00281052", // Rescale Intercept
  "x00281053", // Rescale Slope
  "x00281054", // Rescale Type
  "x00281056", // VOI LUT Function
  "x00283000", // Modality LUT Sequence
  "x00283010", // VOI LUT Sequence
  "x00540220", // View Code Sequence
  "x20500020", // Presentation LUT Shape
  "x7fe00010", // Pixel Data
]);

const explicitVrLittleEndian = "1.2.840.10008.1.2.1";
const deflatedExplicitVrLittleEndian = "1.2.840.10008.1.2.1.99";

/** VRs whose explicit header has 12 bytes (PS3.5 7.1.2). */
const longVrs: ReadonlySet<string> = new Set([
  "OB",
  "OD",
  "OF",
  "OL",
  "OV",
  "OW",
  "SQ",
  "SV",
  "UC",
  "UN",
  "UR",
  "UT",
  "UV",
]);

/** A DICOM file with the kept elements, byte for byte as they stood; nothing is decoded or encoded anew. */
export function presentationCopy(bytes: Uint8Array, fileName: string): Uint8Array<ArrayBuffer> {
  const { root, transferSyntaxUid } = parseDicomDataSet(bytes, fileName);
  const { byteArray } = root;
  const elements = Object.values(root.elements)
    .filter((element) => !element.tag.startsWith("x0002"))
    .toSorted((a, b) => a.dataOffset - b.dataOffset)
    .map((element) => {
      const headerBytes = element.vr !== undefined && longVrs.has(element.vr) ? 12 : 8;
      const isImplicit = transferSyntaxUid === "1.2.840.10008.1.2";
      return { tag: element.tag, start: element.dataOffset - (isImplicit ? 8 : headerBytes) };
    });
  const kept = elements.flatMap(({ tag, start }, index) =>
    keptTags.has(tag) ? [byteArray.subarray(start, elements[index + 1]?.start)] : [],
  );
  const syntax =
    transferSyntaxUid === deflatedExplicitVrLittleEndian ? explicitVrLittleEndian : transferSyntaxUid;
  return concatenate([fileMeta(root.string(sopClassUid) ?? "", syntax), ...kept]);
}

/** File Meta Information (PS3.10 7.1) without the instance's own UID and without an implementation's name. */
function fileMeta(classUid: string, transferSyntaxUid: string): Uint8Array {
  const group = concatenate([
    Uint8Array.of(0x02, 0x00, 0x01, 0x00, 0x4f, 0x42, 0, 0, 2, 0, 0, 0, 0, 1),
    uniqueIdentifier(0x02, classUid),
    uniqueIdentifier(0x10, transferSyntaxUid),
  ]);
  const start = new Uint8Array(144);
  start.set([0x44, 0x49, 0x43, 0x4d, 0x02, 0x00, 0x00, 0x00, 0x55, 0x4c, 4, 0], 128);
  new DataView(start.buffer).setUint32(140, group.length, true);
  return concatenate([start, group]);
}

function uniqueIdentifier(element: number, uid: string): Uint8Array {
  const padded = uid.length % 2 === 0 ? uid : `${uid}\0`;
  const value = new TextEncoder().encode(padded);
  return concatenate([Uint8Array.of(0x02, 0x00, element, 0x00, 0x55, 0x49, value.length, 0), value]);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
