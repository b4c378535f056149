import { randomUUID } from "node:crypto";
import pg from "pg";
import { z } from "zod";
import { draftStudy, newReader, readAll } from "./closed-study.ts";
import { signInByCall, type SignedIn } from "./served-answers.ts";

const caseCount = 4;
const rules = {
  kinds: ["reader-reader"],
  thresholds: { biradsSteps: 1, suspicionPoints: 30 },
  earlierCheckpointId: null,
};
const idsSchema = z.record(z.string(), z.string());

export interface BlindedPerson extends SignedIn {
  readonly name: string;
  /** What they know or may guess of a case that is still blind to them, or was when they were withdrawn. */
  readonly ids: Readonly<Record<string, string>>;
  /** All such cases. */
  readonly caseIds: readonly string[];
}

export interface BlindedPeople {
  readonly people: readonly BlindedPerson[];
  /** Reads nothing. */
  readonly admin: SignedIn;
  readonly openStudyId: string;
}

/** Two studies of their own: one that another reader has read already, one that is closed and arbitrated. */
export async function seatBlindedPeople(origin: string, databaseUrl: string): Promise<BlindedPeople> {
  const admin = await signInByCall(origin, {
    email: "admin@demo.crossread",
    password: "crossread-demo",
  });
  const run = randomUUID().slice(0, 8);
  const made = (name: string) => newReader(admin.calls, `${name} ${run}`);
  const [reader, withdrawn, earlier, una, otto, arbitrator] = [
    await made("Blind"),
    await made("Gone"),
    await made("Earlier"),
    await made("Una"),
    await made("Otto"),
    await made("Judge"),
  ];
  const coordinator = await newReader(admin.calls, `Both ${run}`, ["radiologist", "coordinator"]);
  const studyOf = async (name: string, readers: readonly { readonly userId: string }[]) => {
    const userIds = readers.map(({ userId }) => userId);
    const readerStudyId = await draftStudy(admin.calls, `${name} ${run}`, userIds, caseCount);
    await admin.calls.mutate("readerStudies.open", { readerStudyId });
    return readerStudyId;
  };

  const openStudyId = await studyOf("Blinded", [reader, coordinator, withdrawn, earlier]);
  await readAll((await signInByCall(origin, earlier)).calls, openStudyId, 0);
  const readers = new Map<string, SignedIn>();
  for (const account of [reader, coordinator, withdrawn]) {
    const signedIn = await signInByCall(origin, account);
    await signedIn.calls.mutate("reading.accept", { readerStudyId: openStudyId });
    readers.set(account.userId, signedIn);
  }
  const reason = "Left the hospital";
  const leaving = { readerStudyId: openStudyId, readerId: withdrawn.userId, reason };
  await admin.calls.mutate("readerStudies.withdrawReader", leaving);

  const closedStudyId = await studyOf("Arbitrated", [una, otto]);
  for (const [place, account] of [una, otto].entries()) {
    await readAll((await signInByCall(origin, account)).calls, closedStudyId, place);
  }
  await admin.calls.mutate("readerStudies.close", { readerStudyId: closedStudyId });
  const queue = { arbitratorIds: [arbitrator.userId], controlCount: 0, seed: 1 };
  await admin.calls.mutate("arbitration.open", { readerStudyId: closedStudyId, rules, ...queue });
  readers.set(arbitrator.userId, await signInByCall(origin, arbitrator));

  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const idsOf = async (userId: string) => {
    const { rows } = await client.query(idsSql, [userId, openStudyId, closedStudyId]);
    return { ...idsSchema.parse(rows[0]), nothing: randomUUID(), userId: earlier.userId };
  };
  const seated = async (name: string, account: { readonly userId: string }): Promise<BlindedPerson> => {
    const signedIn = readers.get(account.userId);
    if (signedIn === undefined) throw new Error(`${name} is not signed in.`);
    const { rows } = await client.query(caseIdsSql, [account.userId]);
    const caseIds = z.array(z.object({ case_id: z.string() })).parse(rows);
    const ids = await idsOf(account.userId);
    return { ...signedIn, name, ids, caseIds: caseIds.map(({ case_id: caseId }) => caseId) };
  };
  const people = [
    await seated("a radiologist", reader),
    await seated("a radiologist and coordinator", coordinator),
    await seated("an arbitrator", arbitrator),
    await seated("a withdrawn reader", withdrawn),
  ];
  await client.end();
  return { people, admin, openStudyId };
}

const caseIdsSql = `
  SELECT case_id FROM reading_assignments WHERE reader_id = $1
  UNION SELECT case_id FROM arbitrations WHERE arbitrator_id = $1`;

/** The first case of a person and all that hangs on it; what the platform has none of is as good as any id. */
const idsSql = `
  WITH own AS (
    SELECT case_id, position FROM reading_assignments WHERE reader_id = $1
    UNION ALL SELECT case_id, position FROM arbitrations WHERE arbitrator_id = $1
    ORDER BY position LIMIT 1
  ), image AS (
    SELECT i.*, se.series_instance_uid FROM instances i JOIN series se ON se.id = i.series_id
    WHERE i.case_id = (SELECT case_id FROM own) ORDER BY i.id LIMIT 1
  )
  SELECT c.id AS "caseId", c.site_id AS "siteId", st.id AS "studyId", st.study_instance_uid AS "studyInstanceUid",
    image.id AS "instanceId", image.series_instance_uid AS "seriesInstanceUid",
    image.sop_instance_uid AS "sopInstanceUid", rs.checkpoint_id AS "checkpointId", rs.cohort_id AS "cohortId",
    $2::text AS "readerStudyId", $3::text AS "closedStudyId",
    (SELECT id FROM saliency_maps WHERE instance_id = image.id AND checkpoint_id = rs.checkpoint_id ORDER BY id LIMIT 1) AS "mapId",
    coalesce((SELECT id FROM reading_assignments WHERE reader_id = $1 AND case_id = c.id LIMIT 1), c.id) AS "assignmentId",
    (SELECT id FROM reading_assignments WHERE reader_id <> $1 AND reader_study_id::text IN ($2, $3) AND case_id = c.id
      AND submitted_at IS NOT NULL LIMIT 1) AS "otherAssignmentId",
    coalesce((SELECT id FROM arbitrations WHERE arbitrator_id = $1 AND case_id = c.id LIMIT 1), c.id) AS "arbitrationId",
    coalesce((SELECT id FROM training_runs ORDER BY id LIMIT 1), c.id) AS "runId",
    coalesce((SELECT id FROM validation_rounds ORDER BY id LIMIT 1), c.id) AS "validationRoundId",
    c.id AS "pairId", c.id AS "importId", c.id AS "uploadId"
  FROM own JOIN cases c ON c.id = own.case_id JOIN studies st ON st.id = c.study_id CROSS JOIN image
  JOIN reader_studies rs ON rs.id::text = $2`;
