import type { MarkGeometry, MarkKind } from "@crossread/contracts/mark";
import {
  descriptorsOfKind,
  findingOfPathology,
  lesionDescriptorsSchema,
  referenceMarkProblems,
  type LesionDescriptor,
  type Pathology,
  type ReferenceMark,
} from "@crossread/contracts/reference-mark";
import type { ImageFrame } from "./mark-shapes.ts";

export const newMark = (markId: string, instanceId: string, geometry: MarkGeometry): ReferenceMark => ({
  markId,
  instanceId,
  geometry,
  kind: "mass",
  descriptors: {},
  finding: null,
  pathology: null,
});

/** Descriptors that do not go with the new kind are dropped. */
export function withKind(mark: ReferenceMark, kind: MarkKind): ReferenceMark {
  const fitting: readonly string[] = descriptorsOfKind[kind];
  const kept = Object.entries(mark.descriptors).filter(([name]) => fitting.includes(name));
  return { ...mark, kind, descriptors: lesionDescriptorsSchema.parse(Object.fromEntries(kept)) };
}

/** An empty value is not known. */
export function withDescriptor(mark: ReferenceMark, name: LesionDescriptor, value: string): ReferenceMark {
  const { [name]: _former, ...others } = mark.descriptors;
  return {
    ...mark,
    descriptors: lesionDescriptorsSchema.parse(value === "" ? others : { ...others, [name]: value }),
  };
}

/** The finding follows what pathology proves. */
export function withPathology(mark: ReferenceMark, pathology: Pathology | null): ReferenceMark {
  const proven = pathology === null ? null : findingOfPathology[pathology];
  return { ...mark, pathology, finding: proven ?? mark.finding };
}

const comparable = (mark: ReferenceMark) =>
  JSON.stringify([
    mark.instanceId,
    Object.entries(mark.geometry).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    mark.kind,
    Object.entries(mark.descriptors).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    mark.finding,
    mark.pathology,
  ]);

/** Whether both say the same, in whatever order; a mark keeps its id until it is stored anew. */
export function sameMarks(a: readonly ReferenceMark[], b: readonly ReferenceMark[]): boolean {
  const others = new Map(b.map((mark) => [mark.markId, comparable(mark)]));
  return a.length === b.length && a.every((mark) => others.get(mark.markId) === comparable(mark));
}

/** Problems of the marks that the editor changes; what a data set brought along is not judged. */
export function marksProblems(
  stored: readonly ReferenceMark[],
  marks: readonly ReferenceMark[],
  frameOf: (instanceId: string) => ImageFrame | undefined,
): ReadonlyMap<string, readonly string[]> {
  const before = new Map(stored.map((mark) => [mark.markId, comparable(mark)]));
  const problems = new Map<string, readonly string[]>();
  for (const mark of marks) {
    const frame = frameOf(mark.instanceId);
    if (frame === undefined || before.get(mark.markId) === comparable(mark)) continue;
    const found = referenceMarkProblems(mark, frame);
    if (found.length > 0) problems.set(mark.markId, found);
  }
  return problems;
}

interface MarkHistoryRow {
  readonly statement: { readonly kind: "mark"; readonly mark: ReferenceMark };
  readonly creatorName: string | null;
  readonly createdAt: Date;
  readonly reason: string | null;
  readonly superseded: {
    readonly at: Date;
    readonly byName: string | null;
    readonly reason: string | null;
  } | null;
}

/** All marks of a case as they were after one change. */
export interface MarksVersion {
  readonly at: Date;
  readonly byName: string | null;
  readonly reason: string | null;
  readonly marks: readonly ReferenceMark[];
}

/** Newest first; the first one is what is in force. */
export function marksVersions(rows: readonly MarkHistoryRow[]): MarksVersion[] {
  const versions = new Map<number, MarksVersion>();
  const note = (at: Date, byName: string | null, reason: string | null) => {
    if (versions.has(at.getTime())) return;
    const marks = rows
      .filter(({ createdAt, superseded }) => createdAt <= at && (superseded === null || superseded.at > at))
      .map(({ statement }) => statement.mark);
    versions.set(at.getTime(), { at, byName, reason, marks });
  };
  for (const row of rows) {
    note(row.createdAt, row.creatorName, row.reason);
    if (row.superseded !== null) note(row.superseded.at, row.superseded.byName, row.superseded.reason);
  }
  return [...versions.values()].toSorted((a, b) => b.at.getTime() - a.at.getTime());
}
