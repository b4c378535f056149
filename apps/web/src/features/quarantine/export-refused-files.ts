import { listRefusedFiles, refusalStates } from "@crossread/db/refused-files";
import { DomainError } from "@crossread/contracts/errors";
import { z } from "zod";
import { admit, type RouteContext } from "../../server/route-answer.ts";

const filterSchema = z.strictObject({
  siteId: z.uuid().optional(),
  code: z.string().max(60).optional(),
  uploadId: z.uuid().optional(),
  state: z.enum(refusalStates).default("open"),
});

const columns = [
  "sha256",
  "siteName",
  "code",
  "message",
  "remedy",
  "sizeBytes",
  "receivedAt",
  "resolvedAt",
  "dismissedAt",
  "dismissReason",
] as const;
const pageSize = 500;

/** The refused files of a filter as CSV (RFC 4180), a page at a time. */
export function exportRefusedFiles(given: RouteContext, query: URLSearchParams): Response {
  const { context, scope } = admit(given, "quarantine.list");
  const filter = filterSchema.safeParse(Object.fromEntries(query));
  if (!filter.success) {
    throw new DomainError("usage", "Refused files are exported by siteId, code, uploadId and state.");
  }
  let offset = 0;
  const body = new ReadableStream<string>({
    start: (controller) => controller.enqueue(`${columns.join(",")}\r\n`),
    async pull(controller) {
      const { rows } = await listRefusedFiles(context.db, { ...filter.data, scope, offset, pageSize });
      offset += rows.length;
      if (rows.length > 0) {
        controller.enqueue(
          rows.map((row) => columns.map((name) => cell(row[name])).join(",") + "\r\n").join(""),
        );
      }
      if (rows.length < pageSize) controller.close();
    },
  });
  return new Response(body.pipeThrough(new TextEncoderStream()), {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": 'attachment; filename="refused-files.csv"',
      "cache-control": "no-store",
    },
  });
}

/** Quoted where needed; what a spreadsheet would take for a formula is made text. */
function cell(value: string | number | Date | null): string {
  if (value === null) return "";
  const text = value instanceof Date ? value.toISOString() : String(value);
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
