import { appendAudit } from "@crossread/db/audit";
import type { Database } from "@crossread/db/database";
import { toJsonColumn } from "@crossread/db/json-column";
import type { BlindingWorld } from "./blinding-world.ts";

/** Two pictures of one world: everything that a reader must not know differs, nothing else does. */
export type Truth = "A" | "B";

/**
 * Everything that only the truth about a case decides. Each value is unlike anything else in the world, so that
 * finding it in a response is a leak; `site` and `patient` tell where the case is from.
 */
export const secretsOf = (truth: Truth) => ({
  label: [`CANARY-REASON-${truth}`, `canary-tag-${truth.toLowerCase()}`],
  model: [truth === "A" ? "0.7314159" : "0.2471828", `CANARY-MAP-${truth}`, `CANARY-LAYER-${truth}`],
  others: [`CANARY-OPINION-${truth}`, `CANARY-MAP-COMMENT-${truth}`],
  file: [`CANARY-KEY-${truth}`, `CANARY-HEADER-${truth}`, `CANARY-TRAILER-${truth}`],
});
export const originSecrets = ["CANARY-SITE", "canary-code", "CANARY-PATIENT", "CANARY-VENDOR", "CANARY-CASE"];

/** What the readers before have said; their comments differ between the truths. */
export const answersSaying = (comment: string) => ({
  breasts: { R: { birads: "2", suspicion: 7 }, L: { birads: "4B", suspicion: 73 } },
  density: "C",
  marks: [],
  comment,
});

export const ratingGiven = {
  lesionInsideHotArea: "partly",
  hasMissedLesion: false,
  hasSpuriousAreas: true,
  plausibility: 3,
  wouldChangeRecall: "no",
  comment: "to be set",
};

/** A machine that does much else takes its time. */
const patience = { maxWait: 30_000, timeout: 60_000 };

/** Makes one of the two truths hold. Rows that the platform never changes are changed past its triggers. */
export async function establish(db: Database, world: BlindingWorld, truth: Truth): Promise<void> {
  const secrets = secretsOf(truth);
  const [reason = "", tag = ""] = secrets.label;
  const [score = "", map = "", layer = ""] = secrets.model;
  const [opinion = "", mapComment = ""] = secrets.others;
  const [key = ""] = secrets.file;
  const isA = truth === "A";
  const cases = [...world.pendingCaseIds];
  await db.$transaction(async (tx) => {
    await tx.$executeRaw`SET LOCAL session_replication_role = replica`;
    await tx.$executeRaw`UPDATE reference_standards SET reason = ${reason},
      finding = (CASE WHEN laterality = 'L' AND ${isA} THEN 'malignant' ELSE 'normal' END)::"Finding",
      source = (CASE WHEN ${isA} THEN 'pathology' ELSE 'data-set' END)::reference_source
      WHERE case_id = ANY(${cases}::uuid[])`;
    await tx.$executeRaw`UPDATE cases SET density = ${isA ? "D" : "A"} WHERE id = ANY(${cases}::uuid[])`;
    await tx.$executeRaw`UPDATE study_summaries SET density = ${isA ? "D" : "A"},
      label_state = ${isA ? "malignant" : "normal"} WHERE case_id = ANY(${cases}::uuid[])`;
    await tx.$executeRaw`DELETE FROM assessments`;
    for (const caseId of cases) {
      const common = { caseId, source: "reader" as const, reason, createdAt: new Date(0) };
      await tx.assessment.createMany({
        data: [
          { ...common, kind: "birads", laterality: "L", value: isA ? "5" : "1" },
          { ...common, kind: "density", value: isA ? "D" : "A" },
        ],
      });
    }
    await tx.$executeRaw`UPDATE annotations SET kind = ${isA ? "mass" : "calcification"}, reason = ${reason},
      pathology = ${isA ? "invasive" : null} WHERE source = 'reference'`;
    await tx.$executeRaw`UPDATE predictions SET score = ${Number(score)}`;
    await tx.$executeRaw`UPDATE saliency_maps SET blob_key = ${map} || id, layer = ${layer}, width_px = ${isA ? 300 : 301}`;
    await tx.$executeRaw`UPDATE instances SET blob_key = 'instances/' || ${key} || id, thumbnail_key = 'thumbnails/' || id,
      sha256 = ${key} || id`;
    await tx.$executeRaw`UPDATE readings SET answers = ${toJsonColumn(answersSaying(opinion))}::jsonb
      WHERE assignment_id IN (SELECT id FROM reading_assignments WHERE reader_id <> ${world.readerId}::uuid)`;
    await tx.$executeRaw`UPDATE map_ratings SET answers = ${toJsonColumn({ ...ratingGiven, comment: mapComment })}::jsonb`;
    await tx.$executeRaw`UPDATE discordances SET statement = ${opinion}`;
    await tx.$executeRaw`DELETE FROM study_tags`;
    await tx.$executeRaw`INSERT INTO study_tags (study_id, tag, created_at)
      SELECT study_id, ${tag}, now() FROM cases WHERE id = ANY(${cases}::uuid[])`;
    await tx.$executeRaw`DELETE FROM audit_events`;
  }, patience);
  // What a change of the label, of the marks and of the label table leaves in the log.
  const event = { actorId: null, siteId: world.ids["siteId"] ?? "", entityKind: "case", reason } as const;
  for (const entityId of cases) {
    await appendAudit(db, {
      ...event,
      action: "reference.change",
      entityId,
      details: { L: { finding: { from: "normal", to: isA ? "malignant" : "benign" } } },
    });
    await appendAudit(db, { ...event, action: "reference-marks.change", entityId, details: { changes: [] } });
  }
}
