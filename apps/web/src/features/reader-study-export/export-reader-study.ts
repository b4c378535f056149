import { loadExportedArbitration } from "@crossread/db/arbitration-export";
import { appendAudit } from "@crossread/db/audit";
import { type ExportedReaderStudy, loadExportedCase } from "@crossread/db/reader-study-export";
import { Uint8ArrayReader, ZipWriter } from "@zip.js/zip.js";
import type { RouteContext } from "../../server/route-answer.ts";
import { caseObjects, toRecord } from "./case-objects.ts";
import { answerBytes, answerText } from "./file-answer.ts";
import { openExport } from "./open-export.ts";
import { readerPseudonym } from "./reader-pseudonym.ts";
import { breastTable, csvLine, markTable, type ReadingTable } from "./reading-tables.ts";

/** Everything that was read in a closed study, a case at a time; who may see its results may have it, for their sites' cases. */
export async function exportReaderStudy(
  given: RouteContext,
  readerStudyId: string,
  query: URLSearchParams,
): Promise<Response> {
  const { caller, context, format, study } = await openExport(given, readerStudyId, {
    query,
    formats: ["dicom", "json", "readings", "marks"],
    usage: "A reader study is exported with format=dicom, json, readings (CSV) or marks (CSV).",
  });
  await appendAudit(context.db, {
    actorId: caller.userId,
    siteId: null,
    action: "reader-study.export",
    entityKind: "reader-study",
    entityId: readerStudyId,
    details: { format, caseCount: study.caseIds.length },
  });
  if (format === "dicom") return answerZip(context, study);
  if (format === "json")
    return answerText(jsonPieces(context, study), { type: "application/json", fileName: "readings.json" });
  const table = format === "readings" ? breastTable : markTable;
  return answerText(csvPieces(context, study, table), {
    type: "text/csv; charset=utf-8",
    fileName: `${format}.csv`,
  });
}

async function* csvPieces(context: RouteContext, study: ExportedReaderStudy, table: ReadingTable) {
  yield csvLine(table.columns);
  for (const caseId of study.caseIds) {
    const rows = table.rows(study.readerStudyId, await loadExportedCase(context.db, study, caseId));
    if (rows.length > 0) {
      yield rows.map((row) => csvLine(table.columns.map((column) => row[column]))).join("");
    }
  }
}

async function* jsonPieces(context: RouteContext, study: ExportedReaderStudy) {
  const { checkpointName, name, readerStudyId } = study;
  yield `{"readerStudy":${JSON.stringify({ readerStudyId, name, checkpointName })},"cases":[`;
  for (const [index, id] of study.caseIds.entries()) {
    const { caseId, images, readings, studyInstanceUid } = await loadExportedCase(context.db, study, id);
    const one = {
      caseId,
      studyInstanceUid,
      images: images.map(({ blobKey: _key, ...image }) => image),
      readings: readings.map((reading) => toRecord(readerStudyId, reading)),
      arbitration: await arbitrationOf(context, { readerStudyId, caseId }),
    };
    yield `${index === 0 ? "" : ","}\n${JSON.stringify(one)}`;
  }
  yield "\n]}\n";
}

async function arbitrationOf(context: RouteContext, key: { readerStudyId: string; caseId: string }) {
  const arbitration = await loadExportedArbitration(context.db, key);
  if (arbitration === null || arbitration.decided === null) return arbitration;
  const { superseded, ...decided } = arbitration.decided;
  const withoutName = <TGiven extends { readonly arbitratorId: string }>({
    arbitratorId,
    ...given
  }: TGiven) => ({
    arbitratorPseudonym: readerPseudonym(key.readerStudyId, arbitratorId),
    ...given,
  });
  return {
    ...arbitration,
    decided: { ...withoutName(decided), superseded: superseded.map(withoutName) },
  };
}

/** Written while it is sent: no more than one case is in memory, and a client that goes away ends the work. */
function answerZip(context: RouteContext, study: ExportedReaderStudy): Response {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({
    start(controller) {
      // The status is sent before the first file is read: a body that breaks off is what tells the client.
      queueMicrotask(() => {
        writeZip(context, study, writable).catch((error: unknown) => controller.error(error));
      });
    },
  });
  return answerBytes(readable, { type: "application/zip", fileName: "readings-dicom.zip" });
}

async function writeZip(
  context: RouteContext,
  study: ExportedReaderStudy,
  writable: WritableStream<Uint8Array>,
): Promise<void> {
  const zip = new ZipWriter(writable, { useWebWorkers: false });
  for (const caseId of study.caseIds) {
    const one = await loadExportedCase(context.db, study, caseId);
    for await (const { at, bytes, path } of caseObjects(context.store, study, one)) {
      await zip.add(path, new Uint8ArrayReader(bytes), { lastModDate: at });
    }
  }
  await zip.close();
}
