import {
  type ActionCounts,
  countActions,
  type DeidentificationReceipt,
  type FileDeidentification,
  type ReceiptFile,
} from "./deidentification-receipt.ts";

export interface DeidentifiedInstance {
  readonly sopInstanceUid: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly deidentification: FileDeidentification;
}

export interface ReceiptHead {
  readonly siteCode: string;
  readonly studyInstanceUid: string;
  readonly pseudonym: string;
  /** Which software did it. */
  readonly software: string;
  readonly now: Date;
}

type ReceiptAttribute = DeidentificationReceipt["attributes"][number];

/** The receipt with more files; undefined where every one of them is listed already. */
export function extendReceipt(
  known: DeidentificationReceipt | undefined,
  head: ReceiptHead,
  instances: readonly DeidentifiedInstance[],
): DeidentificationReceipt | undefined {
  const listed = new Set(known?.files.map(({ sopInstanceUid }) => sopInstanceUid));
  const added = instances.filter(({ sopInstanceUid }) => !listed.has(sopInstanceUid));
  if (added.length === 0) return undefined;
  const files = [...(known?.files ?? []), ...added.map((instance) => toReceiptFile(instance, head.software))];
  return {
    format: "crossread-deidentification-receipt/1",
    siteCode: head.siteCode,
    studyInstanceUid: head.studyInstanceUid,
    pseudonym: head.pseudonym,
    issuedAt: head.now.toISOString(),
    actionCounts: files.reduce((total, { actionCounts }) => sum(total, actionCounts), countActions([])),
    attributes: mergeAttributes(known?.attributes ?? [], added),
    files: files.sort((a, b) => (a.sopInstanceUid < b.sopInstanceUid ? -1 : 1)),
  };
}

function toReceiptFile(instance: DeidentifiedInstance, software: string): ReceiptFile {
  const { keyedDigestBefore, pixelDecision, pixels, profile, tableVersion, wasOurs, actions } =
    instance.deidentification;
  return {
    sopInstanceUid: instance.sopInstanceUid,
    keyedDigestBefore,
    sha256After: instance.sha256,
    sizeBytesAfter: instance.sizeBytes,
    profile,
    tableVersion,
    software,
    wasOurs,
    pixels,
    ...(pixelDecision === undefined ? {} : { pixelDecision }),
    actionCounts: countActions(actions),
  };
}

const sum = (first: ActionCounts, second: ActionCounts): ActionCounts => ({
  D: first.D + second.D,
  Z: first.Z + second.Z,
  X: first.X + second.X,
  K: first.K + second.K,
  C: first.C + second.C,
  U: first.U + second.U,
});

function mergeAttributes(
  known: readonly ReceiptAttribute[],
  added: readonly DeidentifiedInstance[],
): ReceiptAttribute[] {
  const keyOf = ({ tag, action }: { tag: string; action: string }) => `${tag} ${action}`;
  const merged = new Map(known.map((attribute) => [keyOf(attribute), attribute]));
  for (const { deidentification } of added) {
    // Once a file, however many items of a sequence hold it.
    for (const [key, action] of new Map(deidentification.actions.map((one) => [keyOf(one), one]))) {
      merged.set(key, { ...action, fileCount: (merged.get(key)?.fileCount ?? 0) + 1 });
    }
  }
  return [...merged.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, attribute]) => attribute);
}
