import {
  searchDicomWebInstances,
  searchDicomWebSeries,
  searchDicomWebStudies,
  type DicomWebSearch,
  type Found,
  type FoundInstance,
  type FoundSeries,
  type FoundStudy,
} from "@crossread/db/dicomweb-search";
import type { DicomJson, DicomJsonElement, DicomJsonValue } from "@crossread/dicom/dicom-json";
import { dataSetsAnswer } from "./dataset-answer.ts";
import type { DicomWebCaller } from "./dicomweb-caller.ts";
import type { DicomWebServices } from "./dicomweb-services.ts";
import { parseSearchQuery, type SearchTarget } from "./search-query.ts";

export type SearchLevel = "studies" | "series" | "instances";

/** QIDO-RS (PS3.18 10.6). */
export async function searchAnswer(
  request: Request,
  asked: { caller: DicomWebCaller; level: SearchLevel; target: SearchTarget },
  services: DicomWebServices,
): Promise<Response> {
  const { filter, limit, offset, warnings } = parseSearchQuery(
    new URL(request.url).searchParams,
    asked.target,
  );
  // Searching by SOP class, or for what is answered with it.
  const needsSopClass = asked.level === "instances" || filter?.sopClassUids !== undefined;
  const unknownCount = needsSopClass ? await services.sopClasses.fill(asked.caller.viewer.scope) : 0;
  const found: Found<DicomJson> =
    filter === undefined
      ? { rows: [], totalCount: 0 }
      : await search(asked.level, { viewer: asked.caller.viewer, filter, limit, offset }, services);
  const remaining = found.totalCount - offset - found.rows.length;
  const told = [
    ...warnings,
    ...(filter?.sopClassUids !== undefined && unknownCount > 0
      ? [`The SOP class of ${unknownCount} instances has not been read yet; they match no SOPClassUID`]
      : []),
    // PS3.18 8.3.4.4
    ...(remaining > 0 && found.rows.length > 0
      ? [`There are ${remaining} additional results that can be requested`]
      : []),
  ];
  return dataSetsAnswer(request, found.rows, {
    "x-total-count": String(found.totalCount),
    ...(told.length === 0
      ? {}
      : { warning: told.map((text) => `299 ${services.baseUrl} "${text}"`).join(", ") }),
  });
}

async function search(
  level: SearchLevel,
  asked: DicomWebSearch,
  { baseUrl, db }: DicomWebServices,
): Promise<Found<DicomJson>> {
  switch (level) {
    case "studies": {
      const found = await searchDicomWebStudies(db, asked);
      return { ...found, rows: found.rows.map((row) => toStudy(row, baseUrl)) };
    }
    case "series": {
      const found = await searchDicomWebSeries(db, asked);
      return { ...found, rows: found.rows.map((row) => toSeries(row, baseUrl)) };
    }
    case "instances": {
      const found = await searchDicomWebInstances(db, asked);
      return { ...found, rows: found.rows.map((row) => toInstance(row, baseUrl)) };
    }
  }
}

/** Attributes that no study here has are given empty, as PS3.18 table 10.6.3-3 asks. */
function patientAndStudy(row: Omit<FoundStudy, "seriesCount" | "instanceCount">): DicomJson {
  return {
    "00080020": element("DA", row.studyDate?.toISOString().slice(0, 10).replaceAll("-", "")),
    "00080030": element("TM"),
    "00080050": element("SH"),
    "00080056": element("CS", "ONLINE"),
    "00080061": element("CS", "MG"),
    "00080090": element("PN"),
    "00100010": element("PN", { Alphabetic: row.patientId }),
    "00100020": element("LO", row.patientId),
    "00100030": element("DA"),
    "00100040": element("CS"),
    "00101010": element(
      "AS",
      row.patientAgeYears === null ? undefined : `${String(row.patientAgeYears).padStart(3, "0")}Y`,
    ),
    "0020000D": element("UI", row.studyInstanceUid),
    "00200010": element("SH"),
  };
}

function toStudy(row: FoundStudy, baseUrl: string): DicomJson {
  return sorted({
    ...patientAndStudy(row),
    "00081190": element("UR", `${baseUrl}/studies/${row.studyInstanceUid}`),
    "00201206": element("IS", row.seriesCount),
    "00201208": element("IS", row.instanceCount),
  });
}

function toSeries(row: FoundSeries, baseUrl: string): DicomJson {
  return sorted({
    ...patientAndStudy(row),
    "00080060": element("CS", "MG"),
    "00081190": element("UR", `${baseUrl}/studies/${row.studyInstanceUid}/series/${row.seriesInstanceUid}`),
    "0020000E": element("UI", row.seriesInstanceUid),
    "00201206": element("IS", row.seriesCount),
    "00201209": element("IS", row.seriesInstanceCount),
  });
}

function toInstance(row: FoundInstance, baseUrl: string): DicomJson {
  const series = `${baseUrl}/studies/${row.studyInstanceUid}/series/${row.seriesInstanceUid}`;
  return sorted({
    ...patientAndStudy(row),
    ...(row.sopClassUid === null ? {} : { "00080016": element("UI", row.sopClassUid) }),
    "00080018": element("UI", row.sopInstanceUid),
    "00080060": element("CS", "MG"),
    "00080070": element("LO", row.manufacturer ?? undefined),
    "00081090": element("LO", row.manufacturerModelName ?? undefined),
    "00081190": element("UR", `${series}/instances/${row.sopInstanceUid}`),
    "00185101": element("CS", row.view),
    "0020000E": element("UI", row.seriesInstanceUid),
    "00200062": element("CS", row.laterality),
    "00280004": element("CS", row.photometricInterpretation),
    "00280010": element("US", row.rows),
    "00280011": element("US", row.columns),
    "00280101": element("US", row.bitsStored),
  });
}

function element(vr: string, value?: DicomJsonValue): DicomJsonElement {
  return value === undefined ? { vr } : { vr, Value: [value] };
}

const sorted = (attributes: DicomJson): DicomJson =>
  Object.fromEntries(Object.entries(attributes).toSorted(([a], [b]) => (a < b ? -1 : 1)));
