import type { DicomJson } from "@crossread/dicom/dicom-json";
import { multipartAnswer } from "./multipart-answer.ts";
import { negotiate, type Offer } from "./negotiate.ts";
import { toNativeXml } from "./native-xml.ts";

const jsonOffers: readonly Offer[] = [
  { type: "application/dicom+json", isMultipart: false },
  { type: "application/json", isMultipart: false },
];
const manyOffers: readonly Offer[] = [...jsonOffers, { type: "application/dicom+xml", isMultipart: true }];
const oneOffers: readonly Offer[] = [...jsonOffers, { type: "application/dicom+xml", isMultipart: false }];

/** Data sets as a JSON array, or as parts of XML where the client prefers them. */
export function dataSetsAnswer(
  request: Request,
  dataSets: readonly DicomJson[],
  headers: Readonly<Record<string, string>> = {},
): Response {
  const { offer } = negotiate(request, manyOffers);
  if (offer.isMultipart) {
    const parts = dataSets.map((dataSet) => ({
      contentType: offer.type,
      load: () => Promise.resolve(new TextEncoder().encode(toNativeXml(dataSet))),
    }));
    return multipartAnswer(parts, { type: offer.type, headers });
  }
  return new Response(JSON.stringify(dataSets), { headers: { ...answerHeaders(offer.type), ...headers } });
}

/** The form of an answer of one data set; refused before any work is done where the client takes none. */
export const dataSetType = (request: Request): string => negotiate(request, oneOffers).offer.type;

/** One data set, as the answer of a store request is (PS3.18 10.5.3). */
export function dataSetAnswer(dataSet: DicomJson, init: { type: string; status: number }): Response {
  const { status, type } = init;
  const body = type === "application/dicom+xml" ? toNativeXml(dataSet) : JSON.stringify(dataSet);
  return new Response(body, { status, headers: answerHeaders(type) });
}

export const answerHeaders = (type: string) => ({
  "content-type": type,
  "cache-control": "private, no-store",
  "x-content-type-options": "nosniff",
});
