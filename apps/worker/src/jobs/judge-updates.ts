import { DomainError, isDomainError } from "@crossread/contracts/errors";
import type { RoundRow, UpdateRow, UpdateVerdict } from "@crossread/db/round-state";
import { describeContributions } from "@crossread/federation/lineage";
import type { GlobalModel, SiteUpdate } from "@crossread/federation/update";
import { checkUpdates, defaultNormRule } from "@crossread/federation/update-check";
import type { LineageUpdate } from "@crossread/model/checkpoint-manifest";
import { sha256 } from "@crossread/model/digest";
import { decodeUpdate } from "../tasks/update-file.ts";
import type { WorkerContext } from "../worker-context.ts";
import type { StoredCheckpoint } from "./checkpoint-reference.ts";

export interface JudgedRound {
  readonly accepted: readonly SiteUpdate[];
  readonly verdicts: readonly UpdateVerdict[];
  /** Every update that was delivered, accepted or not, by site code. */
  readonly lineage: readonly LineageUpdate[];
}

interface Delivered {
  readonly row: UpdateRow;
  readonly sha256: string;
  readonly exampleCount: number;
  readonly content: SiteUpdate | DomainError;
}

/** Reads what the sites delivered and applies the rules; a pure function of the delivered bytes and the base. */
export async function judgeUpdates(
  context: WorkerContext,
  round: RoundRow,
  start: { model: GlobalModel; base: StoredCheckpoint },
): Promise<JudgedRound> {
  const delivered: Delivered[] = [];
  for (const row of round.updates) {
    if (row.blobKey === null || row.sha256 === null || row.exampleCount === null) continue;
    const { blobKey, exampleCount } = row;
    const content = await readUpdate(context, { row, blobKey, digest: row.sha256, exampleCount }, start.base);
    delivered.push({ row, sha256: row.sha256, exampleCount, content });
  }
  const readable = delivered.flatMap(({ content }) => (content instanceof DomainError ? [] : [content]));
  const checked = checkUpdates(readable, {
    roundNumber: round.number,
    baseDigest: start.base.manifest.weights.sha256,
    base: start.model,
    normRule: defaultNormRule,
  });
  const contributions =
    checked.accepted.length === 0 ? [] : describeContributions(start.model.weights, checked.accepted);
  const judged = delivered.map((update) => judge(update));

  function judge({ content, exampleCount, row, sha256: digest }: Delivered): {
    verdict: UpdateVerdict;
    lineage: LineageUpdate;
  } {
    const { siteCode: siteId, updateId } = row;
    const contribution = contributions.find((candidate) => candidate.siteId === siteId);
    if (contribution !== undefined) {
      const { cosineToMean, deltaNorm } = contribution;
      return {
        verdict: { updateId, isAccepted: true, deltaNorm, cosineToMean },
        lineage: {
          siteId,
          exampleCount,
          sha256: digest,
          norm: deltaNorm,
          ...(cosineToMean === null ? {} : { cosineToMean }),
        },
      };
    }
    const refusal = checked.refused.find((candidate) => candidate.siteId === siteId);
    const [code, message] =
      content instanceof DomainError
        ? [content.code, content.message]
        : [refusal?.code ?? "update-duplicate", refusal?.reason ?? `Update from site ${siteId} was refused.`];
    return {
      verdict: { updateId, isAccepted: false, code, message },
      lineage: { siteId, exampleCount, sha256: digest, refusedCode: code },
    };
  }

  return {
    accepted: checked.accepted,
    verdicts: judged.map(({ verdict }) => verdict),
    lineage: judged.map(({ lineage }) => lineage),
  };
}

async function readUpdate(
  context: WorkerContext,
  update: { row: UpdateRow; blobKey: string; digest: string; exampleCount: number },
  base: StoredCheckpoint,
): Promise<SiteUpdate | DomainError> {
  const { siteCode } = update.row;
  const bytes = await context.store.get(update.blobKey);
  if (sha256(bytes) !== update.digest) {
    return new DomainError(
      "blob-digest-mismatch",
      `Update from site ${siteCode} does not have the SHA-256 ${update.digest} that was delivered.`,
    );
  }
  try {
    const file = decodeUpdate(base.manifest.config, bytes, `update from site ${siteCode}`);
    return {
      siteId: siteCode,
      roundNumber: file.roundNumber,
      baseDigest: file.baseSha256,
      exampleCount: update.exampleCount,
      weights: file.parameters.trainable,
      statistics: file.parameters.statistics,
    };
  } catch (error) {
    if (isDomainError(error)) return new DomainError(error.code, error.message, { cause: error });
    throw error;
  }
}
