import { DomainError } from "@crossread/contracts/errors";
import { markGeometrySchema, markKindSchema } from "@crossread/contracts/mark";
import {
  lesionDescriptorsSchema,
  pathologySchema,
  referenceMarkProblems,
  type ReferenceMark,
} from "@crossread/contracts/reference-mark";
import type { Laterality, View } from "@crossread/contracts/dataset-manifest";
import { appendAudit } from "./audit.ts";
import { whereNotPendingFor } from "./blinding.ts";
import { canonicalJson, type JsonValue } from "./canonical-json.ts";
import type { Database, Transaction } from "./database.ts";
import { listFrozenCohortsWith, recordChangesAfterFreeze } from "./frozen-cohorts.ts";
import type { Annotation } from "./generated/client.ts";
import type { ImageViewer } from "./image-access.ts";
import { toJsonColumn } from "./json-column.ts";
import { whereSite } from "./site-scope.ts";

export interface ReferenceMarkChange {
  readonly viewer: ImageViewer;
  readonly caseId: string;
  /** Version of the case's labels that the marks were made from. */
  readonly version: number;
  /** All marks of the case as they shall be; one with the id of a mark in force replaces it where it differs. */
  readonly marks: readonly ReferenceMark[];
  readonly reason: string;
  readonly acknowledgesFrozen: boolean;
  readonly now: Date;
}

/** Where the old words of a data set do not fit today's list, the kind is "other". */
export const toReferenceMark = (row: Annotation): ReferenceMark => ({
  markId: row.id,
  instanceId: row.instanceId,
  geometry: markGeometrySchema.parse(row.geometry),
  kind: markKindSchema.catch("other").parse(row.kind),
  descriptors: lesionDescriptorsSchema.parse(row.descriptors ?? {}),
  finding: row.finding,
  pathology: pathologySchema.nullable().parse(row.pathology),
});

const contentOf = ({ markId: _markId, ...content }: ReferenceMark): string =>
  canonicalJson(JSON.parse(JSON.stringify(content)) as JsonValue);

/** Puts the lesion marks of a case in force: a new version of its labels; former marks stay, superseded, with the reason. */
export async function changeReferenceMarks(
  db: Database,
  request: ReferenceMarkChange,
): Promise<{ version: number }> {
  const { viewer, caseId, reason } = request;
  if (reason.trim() === "") {
    throw new DomainError("usage", "A change of the lesion marks needs a reason, but none was given.");
  }
  return db.$transaction(async (tx) => {
    // One change of a case at a time.
    await tx.$queryRaw`SELECT 1 FROM cases WHERE id = ${caseId}::uuid FOR NO KEY UPDATE`;
    const found = await tx.case.findFirst({
      where: { id: caseId, siteId: whereSite(viewer.scope), ...whereNotPendingFor(viewer.userId) },
      select: {
        siteId: true,
        labelVersion: true,
        instances: { select: { id: true, rows: true, columns: true, laterality: true, view: true } },
      },
    });
    if (found === null) throw new DomainError("not-found", `There is no case ${caseId}.`);
    if (found.labelVersion !== request.version) {
      throw new DomainError(
        "conflict",
        "Somebody else changed the labels of this case while you were editing. Nothing was stored; what you drew is still here.",
      );
    }
    const rows = await tx.annotation.findMany({
      where: { source: "reference", supersededAt: null, instance: { caseId } },
    });
    const difference = differenceOf(rows.map(toReferenceMark), request.marks);
    if (difference.length === 0) return { version: found.labelVersion };
    const images = new Map(found.instances.map((image) => [image.id, image]));
    for (const { to } of difference) if (to !== null) assertStorable(to, images);
    const cohorts = await listFrozenCohortsWith(tx, [caseId]);
    if (cohorts.length > 0 && !request.acknowledgesFrozen) {
      throw new DomainError(
        "conflict",
        `Frozen cohort "${cohorts[0]?.name ?? ""}" holds this case: confirm that its labels change under it.`,
      );
    }
    await writeDifference(tx, difference, request);
    const { labelVersion } = await tx.case.update({
      where: { id: caseId },
      data: { labelVersion: { increment: 1 } },
      select: { labelVersion: true },
    });
    const cause = { actorId: viewer.userId, siteId: found.siteId, reason };
    await recordChangesAfterFreeze(tx, { ...cause, cohorts, causeKind: "case", causeId: caseId });
    await appendAudit(tx, {
      ...cause,
      action: "reference-marks.change",
      entityKind: "case",
      entityId: caseId,
      details: {
        changes: difference.map(({ from, to }) => ({
          from: from === null ? null : summaryOf(from, images),
          to: to === null ? null : summaryOf(to, images),
        })),
        frozenCohorts: cohorts.map(({ digest }) => digest),
      },
    });
    return { version: labelVersion };
  });
}

interface MarkDifference {
  readonly from: ReferenceMark | null;
  readonly to: ReferenceMark | null;
}

function differenceOf(
  inForce: readonly ReferenceMark[],
  wanted: readonly ReferenceMark[],
): readonly MarkDifference[] {
  const left = new Map(inForce.map((mark) => [mark.markId, mark]));
  const difference: MarkDifference[] = [];
  for (const to of wanted) {
    const from = left.get(to.markId) ?? null;
    left.delete(to.markId);
    if (from === null || contentOf(from) !== contentOf(to)) difference.push({ from, to });
  }
  return [...difference, ...[...left.values()].map((from) => ({ from, to: null }))];
}

interface MarkedImage {
  readonly rows: number;
  readonly columns: number;
  readonly laterality: Laterality;
  readonly view: View;
}

function assertStorable(mark: ReferenceMark, images: ReadonlyMap<string, MarkedImage>): void {
  const image = images.get(mark.instanceId);
  if (image === undefined) {
    throw new DomainError(
      "label-invalid",
      `A mark lies on image ${mark.instanceId}, which is not of this case.`,
    );
  }
  const [problem] = referenceMarkProblems(mark, { widthPx: image.columns, heightPx: image.rows });
  if (problem !== undefined) {
    throw new DomainError("label-invalid", `${image.laterality} ${image.view}: ${problem}`);
  }
}

async function writeDifference(
  tx: Transaction,
  difference: readonly MarkDifference[],
  { viewer, reason, now }: ReferenceMarkChange,
): Promise<void> {
  await tx.annotation.updateMany({
    where: { id: { in: difference.flatMap(({ from }) => from?.markId ?? []) } },
    data: { supersededAt: now, supersededBy: viewer.userId, supersededReason: reason },
  });
  await tx.annotation.createMany({
    data: difference.flatMap(({ from, to }) =>
      to === null
        ? []
        : {
            instanceId: to.instanceId,
            source: "reference" as const,
            authorId: viewer.userId,
            geometry: toJsonColumn(to.geometry),
            kind: to.kind,
            descriptors: toJsonColumn(to.descriptors),
            finding: to.finding,
            pathology: to.pathology,
            reason,
            createdAt: now,
            replacesId: from?.markId ?? null,
          },
    ),
  });
}

/** For the audit log: a polygon's thousand corners stay in the row. */
function summaryOf(mark: ReferenceMark, images: ReadonlyMap<string, MarkedImage>): JsonValue {
  const image = images.get(mark.instanceId);
  return {
    image: image === undefined ? mark.instanceId : `${image.laterality} ${image.view}`,
    instanceId: mark.instanceId,
    shape: mark.geometry.shape,
    kind: mark.kind,
    descriptors: JSON.parse(JSON.stringify(mark.descriptors)) as JsonValue,
    finding: mark.finding,
    pathology: mark.pathology,
  };
}
