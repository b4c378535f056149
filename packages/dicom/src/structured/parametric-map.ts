/** A saliency map as a Parametric Map (PS3.3 A.75) of one frame, which covers exactly the frame of its image. */
import { DomainError } from "@crossread/contracts/errors";
import { transformChainSchema } from "@crossread/contracts/saliency-map";
import { z } from "zod";
import { type DataElement, findElement, valueBytes } from "../deidentify/data-element.ts";
import type { GrayImage } from "../gray-image.ts";
import { conceptElements, dcm, own, sct, ucum } from "./coded-concept.ts";
import { contentUid } from "./content-uid.ts";
import { dateAndTime, referencedSeries, sopReference, writeDerivedObject } from "./derived-object.ts";
import {
  decimalText,
  itemsAt,
  numbers,
  numbersOf,
  readElements,
  sequence,
  text,
  textOf,
} from "./element-values.ts";
import { privateJson, readPrivateJson } from "./private-json.ts";
import type { ReferencedImage } from "./referenced-image.ts";

export const parametricMap = "1.2.840.10008.5.1.4.1.1.30";
const floatPixelData = "7FE00008";

const mapPropertiesSchema = z.strictObject({
  mapId: z.uuid(),
  instanceId: z.uuid(),
  checkpointId: z.uuid(),
  checkpointName: z.string().min(1).max(200),
  classLabel: z.enum(["benign", "malignant"]),
  layer: z.string().min(1).max(200),
  createdAt: z.iso.datetime({ precision: 3 }),
  /** From the image's pixels to the network's input, of which the map was made. */
  transform: transformChainSchema,
});
export type MapProperties = z.infer<typeof mapPropertiesSchema>;

export interface SaliencyMapObject {
  readonly properties: MapProperties;
  /** In [0, 1] of the map's maximum. */
  readonly values: GrayImage;
}

/** @throws {DomainError} "usage" where the map is of another image or its transform of another image size */
export async function writeParametricMap(
  map: SaliencyMapObject,
  image: ReferencedImage,
): Promise<Uint8Array<ArrayBuffer>> {
  const properties = mapPropertiesSchema.parse(map.properties);
  const { values } = map;
  assertOfImage(properties, values, image);
  const { date, time } = dateAndTime(properties.createdAt);
  return writeDerivedObject({
    sopClassUid: parametricMap,
    sopInstanceUid: await contentUid("map", properties.mapId),
    seriesInstanceUid: await contentUid("maps", properties.checkpointId, image.studyInstanceUid),
    modality: "OT",
    seriesDescription: "Saliency maps",
    seriesNumber: 9003,
    image,
    elements: [
      text("00080008", "CS", "DERIVED", "PRIMARY", "SALIENCY", "NONE"),
      text("00080023", "DA", date),
      text("00080033", "TM", time),
      referencedSeries("00081115", "0008114A", [image]),
      text("00189004", "CS", "RESEARCH"),
      // A frame of its own: a projection lies in no frame of the patient, so that no plane position is stated either.
      text("00200052", "UI", await contentUid("frame", image.sopInstanceUid)),
      text("00201040", "LO"),
      text("00280302", "CS", "NO"),
      sequence("00400555"),
      ...(await multiFrameElements(map, image)),
      ...pixelElements(values),
      text("00700080", "CS", "SALIENCY"),
      text("00700081", "LO", `Grad-CAM, class ${properties.classLabel}`),
      text("00700084", "PN", "Crossread"),
      ...privateJson(properties),
    ],
  });
}

function assertOfImage(
  { instanceId, mapId, transform }: MapProperties,
  values: GrayImage,
  image: ReferencedImage,
): void {
  const isOfImage =
    instanceId === image.instanceId &&
    transform.imageWidthPx === image.widthPx &&
    transform.imageHeightPx === image.heightPx;
  if (!isOfImage) {
    throw new DomainError(
      "usage",
      `Map ${mapId} covers an image of ${transform.imageWidthPx} × ${transform.imageHeightPx} pixels, but image ${image.instanceId} has ${image.widthPx} × ${image.heightPx}.`,
    );
  }
  if (values.values.length !== values.widthPx * values.heightPx) {
    throw new DomainError(
      "usage",
      `Map ${mapId} of ${values.widthPx} × ${values.heightPx} has ${values.values.length} values.`,
    );
  }
}

function pixelElements({ heightPx, values, widthPx }: GrayImage): DataElement[] {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < values.length; index++) view.setFloat32(index * 4, values[index]!, true);
  return [
    numbers("00280002", "US", 1),
    text("00280004", "CS", "MONOCHROME2"),
    text("00280008", "IS", "1"),
    numbers("00280010", "US", heightPx),
    numbers("00280011", "US", widthPx),
    numbers("00280100", "US", 32),
    text("00280301", "CS", "NO"),
    text("00282110", "CS", "00"),
    text("20500020", "CS", "IDENTITY"),
    { tag: floatPixelData, vr: "OF", value: { kind: "bytes", bytes } },
  ];
}

async function multiFrameElements(map: SaliencyMapObject, image: ReferencedImage): Promise<DataElement[]> {
  const { properties } = map;
  const dimensions = await contentUid("map-dimensions", properties.mapId);
  return [
    sequence("00209221", [text("00209164", "UI", dimensions)]),
    sequence("00209222", [
      text("00209164", "UI", dimensions),
      tag("00209165", "00209453"),
      tag("00209167", "00209111"),
      text("00209421", "LO", "Class"),
    ]),
    sequence("52009229", sharedGroups(map, image)),
    sequence("52009230", [
      sequence("00209111", [text("00209453", "LO", properties.classLabel), numbers("00209157", "UL", 1)]),
    ]),
  ];
}

function tag(ofElement: string, pointsTo: string): DataElement {
  const groupAndElement = [pointsTo.slice(0, 4), pointsTo.slice(4)].map((part) => Number.parseInt(part, 16));
  return { ...numbers(ofElement, "US", ...groupAndElement), vr: "AT" };
}

function sharedGroups(map: SaliencyMapObject, image: ReferencedImage): DataElement[] {
  const { classLabel } = map.properties;
  return [
    ...pixelMeasures(map.values, image),
    sequence("00289145", [
      text("00281052", "DS", "0"),
      text("00281053", "DS", "1"),
      text("00281054", "LO", "US"),
    ]),
    sequence("00409096", realWorldValues(classLabel)),
    sequence("00409092", [text("00089007", "CS", "DERIVED", "PRIMARY", "SALIENCY", "NONE")]),
    sequence("00089124", [
      text("00082111", "ST", derivation(map)),
      // What the picture is derived from, and how it was brought to the picture's frame.
      sequence("00082112", [
        ...sopReference(image),
        sequence("0040A170", conceptElements(dcm("121322", "Source image for image processing operation"))),
        text("0028135A", "CS", "YES"),
      ]),
      sequence("00089215", conceptElements(dcm("113085", "Spatial resampling"))),
    ]),
    anatomy(image),
  ];
}

/** The map's pixels are as much larger than the image's as they are fewer: both cover the same frame. */
function pixelMeasures(values: GrayImage, image: ReferencedImage): DataElement[] {
  if (image.pixelSpacingMm === undefined) return [];
  const [row, column] = image.pixelSpacingMm;
  return [
    sequence("00289110", [
      text(
        "00280030",
        "DS",
        decimalText((row * image.heightPx) / values.heightPx),
        decimalText((column * image.widthPx) / values.widthPx),
      ),
    ]),
  ];
}

function realWorldValues(classLabel: MapProperties["classLabel"]): DataElement[] {
  return [
    text("00283003", "LO", "Share of the map's maximum"),
    sequence("004008EA", conceptElements(ucum("1", "no units"))),
    text("00409210", "SH", "SALIENCY"),
    numbers("00409213", "FD", 1),
    numbers("00409214", "FD", 0),
    sequence("00409220", [
      text("0040A040", "CS", "CODE"),
      sequence("0040A043", conceptElements(sct("246205007", "Quantity"))),
      sequence(
        "0040A168",
        conceptElements(own(`CAM-${classLabel.toUpperCase()}`, `Grad-CAM saliency of class ${classLabel}`)),
      ),
    ]),
    numbers("00409224", "FD", 0),
    numbers("00409225", "FD", 1),
  ];
}

function derivation({ properties, values }: SaliencyMapObject): string {
  const { transform } = properties;
  return [
    `Grad-CAM of class ${properties.classLabel}, layer ${properties.layer}, checkpoint ${properties.checkpointId}.`,
    `The map's ${values.widthPx} x ${values.heightPx} pixels cover the whole frame of the source image of`,
    `${transform.imageWidthPx} x ${transform.imageHeightPx} pixels. Network input: ${transform.inputSizePx} pixels square,`,
    `x' = ${transform.scale} x + ${transform.offsetXPx}, y' = ${transform.scale} y + ${transform.offsetYPx}.`,
  ].join(" ");
}

/** Frame Anatomy (C.7.6.16.2.8). */
function anatomy({ laterality }: ReferencedImage): DataElement {
  return sequence("00209071", [
    text("00209072", "CS", laterality ?? "U"),
    sequence("00082218", conceptElements(sct("76752008", "Breast"))),
  ]);
}

/**
 * The map that an object of ours holds, value for value.
 *
 * @throws {DomainError} "image-unreadable" where it is none of ours or its pixels are not whole
 */
export function parseParametricMap(bytes: Uint8Array, fileName: string): SaliencyMapObject {
  const elements = readElements(bytes, fileName);
  const properties = mapPropertiesSchema.safeParse(readPrivateJson(elements));
  if (textOf(elements, "00080016") !== parametricMap || !properties.success) {
    throw new DomainError("image-unreadable", `${fileName} is no parametric map of a saliency map.`);
  }
  const [heightPx = 0] = numbersOf(elements, "00280010", "US");
  const [widthPx = 0] = numbersOf(elements, "00280011", "US");
  const stored = valueBytes(findElement(elements, floatPixelData));
  if (stored.length !== widthPx * heightPx * 4 || stored.length === 0) {
    throw new DomainError(
      "image-unreadable",
      `${fileName} needs ${widthPx} × ${heightPx} float pixels, but has ${stored.length} bytes.`,
    );
  }
  const [mapping = []] = itemsAt(itemsAt(elements, "52009229")[0] ?? [], "00409096");
  const [intercept] = numbersOf(mapping, "00409224", "FD");
  const [slope] = numbersOf(mapping, "00409225", "FD");
  if (intercept !== 0 || slope !== 1) {
    throw new DomainError("image-unreadable", `${fileName} maps its values to others than their own.`);
  }
  const values = Float32Array.from(numbersOf(elements, floatPixelData, "FL"));
  return { properties: properties.data, values: { widthPx, heightPx, values } };
}
