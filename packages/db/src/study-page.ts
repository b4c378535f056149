import type { StudyFilter, StudySort } from "@crossread/contracts/study-browser";
import { DomainError } from "@crossread/contracts/errors";
import { pendingCaseIds } from "./blinding.ts";
import type { Database } from "./database.ts";
import { Prisma } from "./generated/client.ts";
import type { ImageViewer } from "./image-access.ts";
import { everyFacetCondition, plainCondition, scopeCondition } from "./study-conditions.ts";

export interface StudyPageRequest {
  readonly viewer: ImageViewer;
  readonly filter: StudyFilter;
  readonly sort: StudySort;
  /** The page that follows, or the one that ends before, the study of this cursor. */
  readonly from?: { readonly side: "after" | "before"; readonly cursor: string } | undefined;
  readonly pageSize: number;
}

export interface StudyIdPage {
  readonly studyIds: readonly string[];
  readonly next: string | null;
  readonly previous: string | null;
}

interface SortOrder {
  readonly key: Prisma.Sql;
  /** The key of a row as text and back: what a cursor holds. */
  readonly keyText: Prisma.Sql;
  readonly parse: (text: string) => Prisma.Sql;
  readonly isValid: (text: string) => boolean;
  readonly isDescending: boolean;
}

const isTime = (text: string) => /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(text) && !Number.isNaN(Date.parse(text));
const isDay = (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));

const received = {
  key: Prisma.sql`m.received_at`,
  keyText: Prisma.sql`to_char(m.received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  parse: (text: string) => Prisma.sql`${text}::timestamptz`,
  isValid: isTime,
};
// A study without a date sorts as the oldest; the index is on the same expression.
const studyDate = {
  key: Prisma.sql`coalesce(m.study_date, '0001-01-01'::date)`,
  keyText: Prisma.sql`to_char(coalesce(m.study_date, '0001-01-01'::date), 'YYYY-MM-DD')`,
  parse: (text: string) => Prisma.sql`${text}::date`,
  isValid: isDay,
};
const orders: Readonly<Record<StudySort, SortOrder>> = {
  "received-newest": { ...received, isDescending: true },
  "received-oldest": { ...received, isDescending: false },
  "study-date-newest": { ...studyDate, isDescending: true },
  "study-date-oldest": { ...studyDate, isDescending: false },
  name: {
    key: Prisma.sql`m.label COLLATE "C"`,
    keyText: Prisma.sql`m.label`,
    parse: (text: string) => Prisma.sql`${text}::text COLLATE "C"`,
    isValid: () => true,
    isDescending: false,
  },
};

/** Ids of one page, found by where the page before it ended: as fast on the last page as on the first. */
export async function findStudyPage(db: Database, request: StudyPageRequest): Promise<StudyIdPage> {
  const { from, pageSize } = request;
  const rows = await db.$queryRaw<{ studyId: string; key: string }[]>(pageStatement(request));
  const hasMore = rows.length > pageSize;
  const page = rows.slice(0, pageSize);
  if (from?.side === "before") page.reverse();
  const cursorOf = (row: { studyId: string; key: string } | undefined) =>
    row === undefined ? null : `${row.key}~${row.studyId}`;
  const hasNext = from?.side === "before" ? true : hasMore;
  const hasPrevious = from === undefined ? false : from.side === "after" ? true : hasMore;
  return {
    studyIds: page.map(({ studyId }) => studyId),
    next: hasNext ? cursorOf(page.at(-1)) : null,
    previous: hasPrevious ? cursorOf(page[0]) : null,
  };
}

/** Exported for the test of its plan. */
export function pageStatement(request: StudyPageRequest): Prisma.Sql {
  const { viewer, filter, from, pageSize } = request;
  const order = orders[request.sort];
  const isDescending = order.isDescending !== (from?.side === "before");
  const direction = isDescending ? Prisma.sql`DESC` : Prisma.sql`ASC`;
  return Prisma.sql`
    SELECT m.study_id AS "studyId", ${order.keyText} AS key
    FROM study_summaries m JOIN sites s ON s.id = m.site_id
    WHERE ${scopeCondition(viewer.scope)} AND ${plainCondition(filter)} AND ${everyFacetCondition(filter)}
      AND m.case_id NOT IN (${pendingCaseIds(viewer.userId)})
      AND ${from === undefined ? Prisma.sql`TRUE` : beyond(order, from.cursor, isDescending)}
    ORDER BY ${order.key} ${direction}, m.study_id ${direction}
    LIMIT ${pageSize + 1}::int`;
}

function beyond(order: SortOrder, cursor: string, isDescending: boolean): Prisma.Sql {
  const end = cursor.lastIndexOf("~");
  const [text, id] = [cursor.slice(0, end), cursor.slice(end + 1)];
  if (end < 0 || !order.isValid(text) || !/^[0-9a-f-]{36}$/.test(id)) {
    throw new DomainError(
      "usage",
      "This page of the list belongs to another order. Begin at its first page.",
    );
  }
  const compare = isDescending ? Prisma.sql`<` : Prisma.sql`>`;
  return Prisma.sql`(${order.key}, m.study_id) ${compare} (${order.parse(text)}, ${id}::uuid)`;
}
