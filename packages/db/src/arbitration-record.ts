import type { BreastLabel } from "@crossread/contracts/breast-label";
import type { Laterality } from "@crossread/contracts/dataset-manifest";
import type { DiscordanceKind } from "@crossread/contracts/discordance";
import { DomainError } from "@crossread/contracts/errors";
import { readingAnswersSchema, type Condition, type ReadingAnswers } from "@crossread/contracts/reading";
import { loadSteps, type StoredStep } from "./arbitration-steps.ts";
import { whereNotPendingFor } from "./blinding.ts";
import { proposeConsensus, type ConsensusProposal } from "./consensus-proposal.ts";
import type { Database, Transaction } from "./database.ts";
import { fromDiscordanceKindRow } from "./discordance-row.ts";
import { listFrozenCohortsWith, type FrozenCohort } from "./frozen-cohorts.ts";
import { loadLabelStates } from "./label-state.ts";
import { originsOf, type MarkOrigin } from "./mark-origins.ts";
import { finalsOf, loadReaderAssessments, type ReaderAssessment } from "./reader-assessments.ts";
import { loadSupersededReadings, type SupersededReading } from "./superseded-readings.ts";

export interface RecordedReading {
  readonly readingId: string;
  readonly readerName: string;
  readonly condition: Condition;
  readonly lockedAt: Date;
  readonly durationMs: number;
  readonly answers: ReadingAnswers;
}

export interface RecordedArbitration {
  readonly arbitrationId: string;
  readonly arbitratorName: string;
  /** Null while it waits: until then nothing that the arbitrator entered is shown. */
  readonly decided: {
    readonly at: Date;
    readonly independent: StoredStep;
    readonly decision: StoredStep;
    readonly markOrigins: readonly MarkOrigin[];
  } | null;
  /** Who gave the case up after locking a reading of their own, earliest first. */
  readonly superseded: readonly RecordedHandover[];
}

export interface RecordedHandover {
  readonly arbitratorName: string;
  readonly supersededAt: Date;
  readonly reason: string;
  /** Null while the case waits for its decision. */
  readonly reading: Pick<SupersededReading, "answers" | "durationMs" | "lockedAt"> | null;
}

/** One case of a study before and after its arbitration, with names. */
export interface ArbitrationRecord {
  readonly readerStudyId: string;
  readonly readerStudyName: string;
  readonly caseId: string;
  readonly caseLabel: string;
  readonly studyId: string;
  readonly site: { readonly siteId: string; readonly name: string; readonly colourIndex: number };
  readonly images: readonly { readonly instanceId: string; readonly name: string }[];
  readonly readings: readonly RecordedReading[];
  readonly arbitration: RecordedArbitration | null;
  readonly isControl: boolean;
  readonly breasts: readonly {
    readonly laterality: Laterality;
    readonly label: BreastLabel;
    readonly discordances: readonly { readonly kind: DiscordanceKind; readonly statement: string }[];
    readonly proposal: ConsensusProposal;
  }[];
  readonly labelVersion: number;
  readonly frozenCohorts: readonly FrozenCohort[];
}

/** @throws {DomainError} "conflict" while the study is open; "not-found" also where the viewer is still blind to the case */
export async function loadCaseRecord(
  db: Database | Transaction,
  key: { readonly readerStudyId: string; readonly caseId: string; readonly viewerId: string },
): Promise<ArbitrationRecord> {
  const { caseId, readerStudyId } = key;
  const study = await db.readerStudy.findUnique({
    where: { id: readerStudyId },
    select: { name: true, state: true },
  });
  const row = await db.case.findFirst({
    where: {
      AND: [{ id: caseId, assignments: { some: { readerStudyId } } }, whereNotPendingFor(key.viewerId)],
    },
    select: {
      label: true,
      studyId: true,
      site: { select: { id: true, name: true, colourIndex: true } },
      instances: {
        orderBy: [{ laterality: "desc" }, { view: "asc" }, { id: "asc" }],
        select: { id: true, laterality: true, view: true },
      },
      discordances: { where: { queue: { readerStudyId } }, orderBy: { kind: "asc" } },
      arbitrations: {
        where: { queue: { readerStudyId }, supersededAt: null },
        select: { id: true, queueId: true, decidedAt: true, arbitrator: { select: { name: true } } },
      },
    },
  });
  if (study === null || row === null) {
    throw new DomainError("not-found", `There is no case ${caseId} in reader study ${readerStudyId}.`);
  }
  if (study.state !== "closed") {
    throw new DomainError(
      "conflict",
      `"${study.name}" is ${study.state}: its readings are shown once it is closed.`,
    );
  }
  const readings = await loadRecordedReadings(db, { readerStudyId, caseId });
  const [arbitration] = row.arbitrations;
  const steps = arbitration === undefined ? undefined : await loadSteps(db, arbitration.id);
  const independent = steps?.get("independent");
  const decision = steps?.get("decision");
  const at = arbitration?.decidedAt ?? null;
  const decided =
    at === null || independent === undefined || decision === undefined
      ? null
      : { at, independent, decision, markOrigins: originsOf(decision.answers.marks, readings) };
  const assessments = await loadReaderAssessments(db, { readerStudyId, caseIds: [caseId] });
  const state = (await loadLabelStates(db, [caseId])).get(caseId);
  if (state === undefined) throw new DomainError("not-found", `There is no case ${caseId}.`);
  return {
    readerStudyId,
    readerStudyName: study.name,
    caseId,
    caseLabel: row.label,
    studyId: row.studyId,
    site: { siteId: row.site.id, name: row.site.name, colourIndex: row.site.colourIndex },
    images: row.instances.map(({ id, laterality, view }) => ({
      instanceId: id,
      name: `${laterality} ${view}`,
    })),
    readings,
    arbitration:
      arbitration === undefined
        ? null
        : {
            arbitrationId: arbitration.id,
            arbitratorName: arbitration.arbitrator.name,
            decided,
            superseded: await loadHandovers(db, {
              queueId: arbitration.queueId,
              caseId,
              isDecided: decided !== null,
            }),
          },
    isControl: arbitration !== undefined && row.discordances.length === 0,
    breasts: breastsOf(row.instances, assessments).map((laterality) => ({
      laterality,
      label: state.labels.breasts[laterality],
      discordances: row.discordances
        .filter((each) => each.laterality === laterality)
        .map(({ kind, statement }) => ({ kind: fromDiscordanceKindRow(kind), statement })),
      proposal: proposeConsensus(finalsOf(assessments, { caseId, laterality }), {
        isPending: arbitration !== undefined && decided === null,
        birads: decided?.decision.answers.breasts[laterality].birads ?? null,
      }),
    })),
    labelVersion: state.version,
    frozenCohorts: await listFrozenCohortsWith(db, [caseId]),
  };
}

/** Of breasts that have images, those that somebody read. */
const breastsOf = (
  images: readonly { readonly laterality: Laterality }[],
  assessments: readonly ReaderAssessment[],
): Laterality[] =>
  (["R", "L"] as const).filter((side) =>
    [images, assessments].every((all) => all.some(({ laterality }) => laterality === side)),
  );

async function loadHandovers(
  db: Database | Transaction,
  key: { readonly queueId: string; readonly caseId: string; readonly isDecided: boolean },
): Promise<RecordedHandover[]> {
  const { isDecided, ...place } = key;
  return (await loadSupersededReadings(db, place)).map(
    ({ answers, arbitratorName, durationMs, lockedAt, reason, supersededAt }) => ({
      arbitratorName,
      supersededAt,
      reason,
      reading: isDecided ? { answers, durationMs, lockedAt } : null,
    }),
  );
}

async function loadRecordedReadings(
  db: Database | Transaction,
  key: { readonly readerStudyId: string; readonly caseId: string },
): Promise<RecordedReading[]> {
  const rows = await db.reading.findMany({
    where: { assignment: key, lockedAt: { not: null } },
    orderBy: [
      { assignment: { reader: { name: "asc" } } },
      { assignment: { readerId: "asc" } },
      { condition: "asc" },
    ],
    select: {
      id: true,
      condition: true,
      lockedAt: true,
      durationMs: true,
      answers: true,
      assignment: { select: { reader: { select: { name: true } } } },
    },
  });
  return rows.flatMap(({ answers, assignment, id, lockedAt, ...row }) =>
    lockedAt === null
      ? []
      : [
          {
            ...row,
            readingId: id,
            readerName: assignment.reader.name,
            lockedAt,
            answers: readingAnswersSchema.parse(answers),
          },
        ],
  );
}
