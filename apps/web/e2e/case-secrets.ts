import { z } from "zod";
import type { PlatformCalls } from "./platform-calls.ts";

const studiesSchema = z.object({ rows: z.array(z.object({ studyId: z.string() })) });
const studySchema = z.object({
  studyId: z.string(),
  caseId: z.string(),
  caseLabel: z.string(),
  pseudonym: z.string(),
  studyInstanceUid: z.string(),
  images: z.array(z.object({ instanceId: z.string(), sopInstanceUid: z.string(), sha256: z.string() })),
  predictions: z.array(
    z.object({
      images: z.array(
        z.object({
          instanceId: z.string(),
          score: z.number(),
          maps: z.array(z.object({ mapId: z.string() })),
        }),
      ),
    }),
  ),
});

export interface CaseSecrets {
  readonly instanceIds: readonly string[];
  /** Never told to a reader. */
  readonly origin: readonly string[];
  /** Told once the unaided reading is locked. */
  readonly aid: readonly string[];
}

/** What the platform knows of every case, as an administrator who does not read may see it. */
export async function secretsOfCases(admin: PlatformCalls): Promise<CaseSecrets[]> {
  const found: CaseSecrets[] = [];
  let cursor: unknown;
  do {
    const from = cursor === undefined ? {} : { from: { side: "after", cursor } };
    const page = await admin.query("studies.list", { filter: {}, ...from });
    const { next } = z.object({ next: z.unknown() }).parse(page);
    const { rows } = studiesSchema.parse(page);
    const loaded = await Promise.all(rows.map(({ studyId }) => admin.query("studies.load", { studyId })));
    for (const study of loaded.map((answer) => studySchema.parse(answer))) {
      const explained = study.predictions.flatMap(({ images }) => images);
      found.push({
        instanceIds: study.images.map(({ instanceId }) => instanceId),
        origin: [
          study.studyId,
          study.caseId,
          study.pseudonym,
          study.studyInstanceUid,
          ...study.images.flatMap(({ sopInstanceUid, sha256 }) => [sopInstanceUid, sha256]),
        ],
        aid: explained.flatMap(({ maps, score }) => [String(score), ...maps.map(({ mapId }) => mapId)]),
      });
    }
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  return found;
}
