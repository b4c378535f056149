import type { CaseKey } from "@crossread/contracts/label-import";
import { pendingArbitrationOf, pendingAssignmentOf } from "./blinding.ts";
import type { Database, Transaction } from "./database.ts";
import type { ImageViewer } from "./image-access.ts";
import { isInScope } from "./site-scope.ts";

type Found =
  | { readonly ok: true; readonly caseId: string; readonly caseLabel: string }
  | { readonly ok: false; readonly message: string };

/** The cases that the rows of a table mean. */
export interface NamedCases {
  readonly caseIds: readonly string[];
  readonly find: (key: CaseKey) => Found;
}

interface Candidate {
  readonly caseId: string;
  readonly caseLabel: string;
  readonly studyDate: string | null;
  readonly isPending: boolean;
}

/** One site's cases only: what another site calls the same is not found. */
export async function findNamedCases(
  db: Database | Transaction,
  options: { viewer: ImageViewer; siteId: string; keys: readonly CaseKey[] },
): Promise<NamedCases> {
  const { viewer, siteId, keys } = options;
  if (!isInScope(viewer.scope, siteId)) return { caseIds: [], find: () => absent("no case of this site") };
  const pseudonyms = [...new Set(keys.flatMap((key) => (key.by === "pseudonym" ? [key.pseudonym] : [])))];
  const uids = [...new Set(keys.flatMap((key) => (key.by === "study" ? [key.studyInstanceUid] : [])))];
  const rows = await db.case.findMany({
    where: {
      siteId,
      OR: [{ subject: { pseudonym: { in: pseudonyms } } }, { study: { studyInstanceUid: { in: uids } } }],
    },
    select: {
      id: true,
      label: true,
      subject: { select: { pseudonym: true } },
      study: { select: { studyInstanceUid: true, studyDate: true } },
      assignments: { where: pendingAssignmentOf(viewer.userId), select: { id: true }, take: 1 },
      arbitrations: { where: pendingArbitrationOf(viewer.userId), select: { id: true }, take: 1 },
    },
  });
  const byPseudonym = new Map<string, Candidate[]>();
  const byUid = new Map<string, Candidate>();
  for (const row of rows) {
    const candidate = {
      caseId: row.id,
      caseLabel: row.label,
      studyDate: row.study.studyDate?.toISOString().slice(0, 10) ?? null,
      isPending: row.assignments.length + row.arbitrations.length > 0,
    };
    byUid.set(row.study.studyInstanceUid, candidate);
    byPseudonym.set(row.subject.pseudonym, [...(byPseudonym.get(row.subject.pseudonym) ?? []), candidate]);
  }
  return {
    caseIds: rows.map(({ id }) => id),
    find(key) {
      if (key.by === "study")
        return found(byUid.get(key.studyInstanceUid), "no study with this UID at this site");
      const candidates = byPseudonym.get(key.pseudonym) ?? [];
      if (candidates.length === 0) return absent("no patient with this pseudonym at this site");
      if (key.studyDate === null) {
        return candidates.length === 1
          ? found(candidates[0], "")
          : absent(`${candidates.length} studies of this patient: the row needs the study date`);
      }
      const matching = candidates.filter(({ studyDate }) => studyDate === key.studyDate);
      return matching.length > 1
        ? absent("several studies of this patient on this date: name it by its study UID")
        : found(matching[0], "no study of this patient on this date");
    },
  };
}

function found(candidate: Candidate | undefined, otherwise: string): Found {
  if (candidate === undefined) return absent(otherwise);
  if (candidate.isPending) return absent("a case that you still have to read blind");
  return { ok: true, caseId: candidate.caseId, caseLabel: candidate.caseLabel };
}

const absent = (what: string): Found => ({ ok: false, message: `There is ${what}.` });
