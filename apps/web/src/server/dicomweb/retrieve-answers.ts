/** WADO-RS (PS3.18 10.4): instances, metadata, frames, bulk data, rendered images and thumbnails. */
import { appendAudit } from "@crossread/db/audit";
import {
  listDicomWebInstances,
  type DicomWebTarget,
  type StoredDicomWebInstance,
} from "@crossread/db/dicomweb-instances";
import { findBulkValue, toDicomJson } from "@crossread/dicom/dicom-json";
import { toExplicitLittleEndian, toNativeFrame } from "@crossread/dicom/explicit-copy";
import { readInstance } from "@crossread/dicom/read-instance";
import { answerHeaders, dataSetsAnswer } from "./dataset-answer.ts";
import type { DicomWebCaller } from "./dicomweb-caller.ts";
import { DicomWebRefusal } from "./dicomweb-refusal.ts";
import type { DicomWebServices } from "./dicomweb-services.ts";
import { multipartAnswer, type AnswerPart } from "./multipart-answer.ts";
import { explicitVrLittleEndian, isStoredEncodingAsked, negotiate } from "./negotiate.ts";
import { parseRendering } from "./rendering-query.ts";
import { storedFrameType } from "./stored-frame-type.ts";

export interface Asked {
  readonly caller: DicomWebCaller;
  readonly target: DicomWebTarget;
}

const addressOf = (instance: StoredDicomWebInstance, baseUrl: string): string =>
  `${baseUrl}/studies/${instance.studyInstanceUid}/series/${instance.seriesInstanceUid}/instances/${instance.sopInstanceUid}`;

/** For messages: never more than a UID, which is a pseudonym here. */
const nameOf = (instance: StoredDicomWebInstance): string => `Instance ${instance.sopInstanceUid}`;

async function instancesOf(asked: Asked, services: DicomWebServices): Promise<StoredDicomWebInstance[]> {
  const instances = await listDicomWebInstances(services.db, asked.caller.viewer, asked.target);
  if (instances.length === 0) throw new DicomWebRefusal(404, "There is no such study, series or instance.");
  return instances;
}

async function oneOf(
  asked: Asked,
  services: DicomWebServices,
): Promise<{ instance: StoredDicomWebInstance; bytes: Uint8Array }> {
  const [instance] = await instancesOf(asked, services);
  if (instance === undefined) throw new DicomWebRefusal(404, "There is no such instance.");
  return { instance, bytes: await services.store.get(instance.blobKey) };
}

export async function retrieveAnswer(
  request: Request,
  asked: Asked,
  services: DicomWebServices,
): Promise<Response> {
  const type = "application/dicom";
  const instances = await instancesOf(asked, services);
  const { offer, transferSyntax } = negotiate(request, [
    { type, isMultipart: true },
    ...(instances.length === 1 ? [{ type, isMultipart: false }] : []),
  ]);
  await assertEncoding(instances, transferSyntax, services);
  const [first] = instances;
  await appendAudit(services.db, {
    actorId: asked.caller.viewer.userId,
    siteId: first?.siteId ?? null,
    action: "dicomweb.retrieve",
    entityKind: "study",
    entityId: asked.target.studyInstanceUid,
    details: { instances: instances.length, tokenId: asked.caller.token?.tokenId ?? null },
  });
  const parts = instances.map((instance): AnswerPart => ({
    contentType: type,
    contentLocation: addressOf(instance, services.baseUrl),
    load: async () => {
      const bytes = await services.store.get(instance.blobKey);
      if (transferSyntax === "*") return bytes;
      const { transferSyntaxUid } = readInstance(bytes, nameOf(instance));
      return isStoredEncodingAsked(transferSyntax, transferSyntaxUid)
        ? bytes
        : toExplicitLittleEndian(bytes, nameOf(instance));
    },
  }));
  const [only] = parts;
  if (offer.isMultipart || only === undefined) return multipartAnswer(parts, { type });
  return new Response(new Uint8Array(await only.load()), { headers: answerHeaders(type) });
}

/** Refused before the first part is sent, where it can still be refused. */
async function assertEncoding(
  instances: readonly StoredDicomWebInstance[],
  wish: string | undefined,
  services: DicomWebServices,
): Promise<void> {
  if (wish === undefined || wish === "*" || wish === explicitVrLittleEndian) return;
  for (const instance of instances) {
    const bytes = await services.store.get(instance.blobKey);
    isStoredEncodingAsked(wish, readInstance(bytes, nameOf(instance)).transferSyntaxUid);
  }
}

export async function metadataAnswer(
  request: Request,
  asked: Asked,
  services: DicomWebServices,
): Promise<Response> {
  const instances = await instancesOf(asked, services);
  const dataSets = [];
  // One file at a time: a study of tomosynthesis size would fill the memory.
  for (const instance of instances) {
    const bytes = await services.store.get(instance.blobKey);
    const address = addressOf(instance, services.baseUrl);
    dataSets.push(
      toDicomJson(bytes, {
        fileName: nameOf(instance),
        bulkDataUri: (path) => (path === "7FE00010" ? `${address}/frames/1` : `${address}/bulkdata/${path}`),
      }),
    );
  }
  return dataSetsAnswer(request, dataSets);
}

/** Mammograms have one frame. */
export async function framesAnswer(
  request: Request,
  asked: Asked & { frames: string },
  services: DicomWebServices,
): Promise<Response> {
  const numbers = asked.frames.split(",");
  if (!numbers.every((text) => /^[1-9]\d{0,5}$/.test(text))) {
    throw new DicomWebRefusal(400, "Frames are numbers from 1, with commas between.");
  }
  const { bytes, instance } = await oneOf(asked, services);
  if (numbers.some((text) => text !== "1")) throw new DicomWebRefusal(404, "The instance has one frame.");
  const { pixel, transferSyntaxUid } = readInstance(bytes, nameOf(instance));
  const storedType = storedFrameType(transferSyntaxUid);
  const native = "application/octet-stream";
  const { offer, transferSyntax } = negotiate(request, [
    { type: native, isMultipart: true },
    ...(storedType === native ? [] : [{ type: storedType, isMultipart: true }]),
    { type: native, isMultipart: false },
    ...(storedType === native ? [] : [{ type: storedType, isMultipart: false }]),
  ]);
  const isStored = offer.type !== native || isStoredEncodingAsked(transferSyntax, transferSyntaxUid);
  const type = isStored ? storedType : native;
  const frame =
    isStored && pixel.encoded.kind === "encapsulated"
      ? pixel.encoded.bytes
      : await toNativeFrame(bytes, nameOf(instance));
  const contentType = isStored ? `${type}; transfer-syntax=${transferSyntaxUid}` : type;
  if (!offer.isMultipart) return new Response(new Uint8Array(frame), { headers: answerHeaders(contentType) });
  const contentLocation = `${addressOf(instance, services.baseUrl)}/frames/1`;
  const parts = numbers.map(() => ({ contentType, contentLocation, load: () => Promise.resolve(frame) }));
  return multipartAnswer(parts, { type });
}

export async function bulkDataAnswer(
  request: Request,
  asked: Asked & { path: string },
  services: DicomWebServices,
): Promise<Response> {
  if (asked.path === "7FE00010") return framesAnswer(request, { ...asked, frames: "1" }, services);
  const { bytes, instance } = await oneOf(asked, services);
  const value = findBulkValue(bytes, asked.path, nameOf(instance));
  if (value === undefined) throw new DicomWebRefusal(404, "The instance has no such value.");
  const type = "application/octet-stream";
  const { offer } = negotiate(request, [
    { type, isMultipart: true },
    { type, isMultipart: false },
  ]);
  if (!offer.isMultipart) return new Response(new Uint8Array(value), { headers: answerHeaders(type) });
  return multipartAnswer([{ contentType: type, load: () => Promise.resolve(value) }], { type });
}

/** One image, or for a study or series a part each: rendered one after the other, as the client takes them. */
export async function renderedAnswer(
  request: Request,
  asked: Asked,
  services: DicomWebServices,
): Promise<Response> {
  const isOne = asked.target.sopInstanceUid !== undefined;
  const { offer } = negotiate(
    request,
    (isOne ? [false, true] : [true]).flatMap((isMultipart) => [
      { type: "image/jpeg", isMultipart },
      { type: "image/png", isMultipart },
    ]),
  );
  const rendering = parseRendering(new URL(request.url).searchParams);
  if (!isOne && rendering.viewport?.region !== undefined) {
    throw new DicomWebRefusal(400, "A region is asked of one instance: images of a study differ in size.");
  }
  const instances = await instancesOf(asked, services);
  const parts = instances.map((instance): AnswerPart => ({
    contentType: offer.type,
    contentLocation: `${addressOf(instance, services.baseUrl)}/rendered`,
    load: async () =>
      services.render({
        bytes: await services.store.get(instance.blobKey),
        name: nameOf(instance),
        options: { ...rendering, format: offer.type === "image/png" ? "png" : "jpeg" },
        signal: request.signal,
      }),
  }));
  const [only] = parts;
  if (offer.isMultipart || only === undefined) return multipartAnswer(parts, { type: offer.type });
  return new Response(new Uint8Array(await only.load()), { headers: answerHeaders(offer.type) });
}

/** That of the first instance, for a study or series. */
export async function thumbnailAnswer(
  request: Request,
  asked: Asked,
  services: DicomWebServices,
): Promise<Response> {
  const instances = await instancesOf(asked, services);
  const type = "image/png";
  negotiate(request, [{ type, isMultipart: false }]);
  const key = instances.find(({ thumbnailKey }) => thumbnailKey !== null)?.thumbnailKey;
  if (key === undefined || key === null) throw new DicomWebRefusal(404, "There is no thumbnail.");
  return new Response(new Uint8Array(await services.store.get(key)), { headers: answerHeaders(type) });
}
