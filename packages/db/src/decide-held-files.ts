/** A person's word about text in the pixels of held files: for one file, for all like it, and for those to come. */
import { DomainError } from "@crossread/contracts/errors";
import { answerOfRule, type PixelAnswer } from "@crossread/contracts/pixel-rule";
import { appendAudit } from "./audit.ts";
import type { Database } from "./database.ts";
import { answerHeldFile, loadHeldFile, lockHeldFiles } from "./held-files.ts";
import { addPixelRule } from "./pixel-rules.ts";
import type { SiteScope } from "./site-scope.ts";

export interface HeldDecision {
  readonly scope: SiteScope;
  readonly actorId: string;
  readonly refusedFileId: string;
  readonly answer: PixelAnswer;
  /** "alike": also every undecided file of the same device and size whose text lies in the same places. */
  readonly reach: "file" | "alike";
  /** Kept as a pixel rule of the site. */
  readonly isRemembered: boolean;
  readonly now: Date;
}

export interface DecidedFiles {
  readonly decidedCount: number;
  readonly siteId: string;
  /** Whose ingest goes on with them. */
  readonly uploadIds: readonly string[];
  readonly ruleId: string | null;
}

/** Said twice, it is said once: what is decided already stays as it was decided. */
export async function decideHeldFiles(db: Database, decision: HeldDecision): Promise<DecidedFiles> {
  const { actorId, answer, isRemembered, now, reach, refusedFileId, scope } = decision;
  return db.$transaction(async (tx) => {
    const seen = await loadHeldFile(tx, scope, refusedFileId);
    const { columns, manufacturer, model, regions, rows, siteId } = seen;
    const source = { siteId, manufacturer, model, rows, columns };
    const hasDevice = manufacturer !== "" && model !== "";
    if (!hasDevice && (isRemembered || reach === "alike")) {
      throw new DomainError(
        "usage",
        "The image names no device, so the decision can be about this file only.",
      );
    }
    const own = await lockHeldFiles(tx, { ...source, refusedFileId });
    if (own.length === 0) return { decidedCount: 0, siteId, uploadIds: [], ruleId: null };
    const places = {
      rows,
      columns,
      kind: answer.kind,
      regions: answer.kind === "mask" ? answer.regions : regions,
    };
    const answers = new Map(own.map((file) => [file, answer]));
    if (reach === "alike") {
      for (const file of await lockHeldFiles(tx, source)) {
        const alike = file.refusedFileId === refusedFileId ? undefined : answerOfRule(places, file.regions);
        if (alike !== undefined) answers.set(file, alike);
      }
    }
    for (const [{ fileId }, itsAnswer] of answers) {
      await answerHeldFile(tx, { fileId, answer: itsAnswer, actorId, now });
    }
    const ruleId = isRemembered
      ? await addPixelRule(tx, { ...source, kind: places.kind, regions: places.regions, actorId, now })
      : null;
    const decided = new Set([...answers.keys()].map((file) => file.refusedFileId));
    for (const entityId of decided) {
      await appendAudit(tx, {
        actorId,
        siteId,
        action: "quarantine.decide",
        entityKind: "refused-file",
        entityId,
        details: { kind: answer.kind, reach: entityId === refusedFileId ? "file" : "alike" },
      });
    }
    if (ruleId !== null) {
      await appendAudit(tx, {
        actorId,
        siteId,
        action: "site.pixel-rule.add",
        entityKind: "pixel-rule",
        entityId: ruleId,
        details: {
          manufacturer,
          model,
          rows,
          columns,
          kind: places.kind,
          regionCount: places.regions.length,
        },
      });
    }
    const uploadIds = [...new Set([...answers.keys()].map(({ uploadId }) => uploadId))];
    return { decidedCount: answers.size, siteId, uploadIds, ruleId };
  });
}
