import { randomInt, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { defaultReaderStudySettings } from "@crossread/contracts/reader-study-settings";
import type { Birads, MapRating, ReadingAnswers } from "@crossread/contracts/reading";
import type { Role } from "@crossread/contracts/role";
import type { Browser } from "playwright-core";
import { z } from "zod";
import { platformUrl } from "./browser-session.ts";
import { platformCalls, type PlatformCalls } from "./platform-calls.ts";

export interface ClosedStudy {
  readonly readerStudyId: string;
  readonly name: string;
  readonly readerNames: readonly string[];
}

const cohortsSchema = z.array(
  z.object({ cohortId: z.string(), caseCounts: z.object({ "internal-test": z.number() }) }),
);
const choicesSchema = z.object({
  cohorts: cohortsSchema,
  checkpoints: z.array(z.object({ checkpointId: z.string() })),
});
const draftSchema = z.object({ readerStudyId: z.string(), caseCount: z.number() });
const workListSchema = z.array(
  z.object({ readerStudyId: z.string(), nextAssignmentId: z.string().nullable() }),
);
const stepSchema = z.object({ version: z.number() });
const caseSchema = z.object({
  images: z.array(z.object({ instanceId: z.string(), laterality: z.string() })),
  unaided: stepSchema,
});
const submittedSchema = z.object({ nextAssignmentId: z.string().nullable() });

const rating: MapRating = {
  lesionInsideHotArea: "partly",
  hasMissedLesion: false,
  hasSpuriousAreas: false,
  plausibility: 3,
  wouldChangeRecall: "no",
  comment: "",
};

/**
 * A study of its own with two new readers that is read and closed through the platform's calls. They agree on all cases but
 * one: there the first of them finds a mass in the left breast and marks it.
 */
export async function makeClosedStudy(
  browser: Browser,
  admin: PlatformCalls,
  caseCount: number,
): Promise<ClosedStudy> {
  // Readers of an earlier run may arbitrate this one: names tell them apart.
  const run = randomUUID().slice(0, 8);
  const readers = [await newReader(admin, `Una ${run}`), await newReader(admin, `Otto ${run}`)];
  const name = `Disagreement ${randomUUID()}`;
  const readerStudyId = await draftStudy(
    admin,
    name,
    readers.map(({ userId }) => userId),
    caseCount,
  );
  await admin.mutate("readerStudies.open", { readerStudyId });
  await Promise.all(
    readers.map(async (reader, place) => {
      const calls = await signInAs(browser, reader);
      await readAll(calls, readerStudyId, place);
    }),
  );
  await admin.mutate("readerStudies.close", { readerStudyId });
  return { readerStudyId, name, readerNames: readers.map((reader) => reader.name) };
}

/** All cases of a study, as its first reader or as another one. */
export async function readAll(calls: PlatformCalls, readerStudyId: string, place: number): Promise<void> {
  await calls.mutate("reading.accept", { readerStudyId });
  const lists = workListSchema.parse(await calls.query("reading.workList"));
  let next = lists.find((list) => list.readerStudyId === readerStudyId)?.nextAssignmentId ?? null;
  for (let position = 0; next !== null; position++) {
    next = await readCase(calls, next, (images, change) => {
      const isDisputed = place === 0 && position === 0;
      const mass = isDisputed ? images.find(({ laterality }) => laterality === "L") : undefined;
      return answersTo(5 + 3 * position + change * ((5 * position + place) % 4), mass?.instanceId);
    });
  }
}

export async function newReader(
  admin: PlatformCalls,
  name: string,
  roles: readonly Role[] = ["radiologist"],
) {
  const sites = z.array(z.object({ siteId: z.string() })).parse(await admin.query("sites.list"));
  const account = { name, email: `reader-${randomUUID()}@example.org`, password: `reader ${randomUUID()}` };
  const memberships = sites.flatMap(({ siteId }) => roles.map((role) => ({ siteId, role })));
  const created = await admin.mutate("admin.createUser", { ...account, memberships });
  return { ...account, ...z.object({ userId: z.string() }).parse(created) };
}

export async function draftStudy(
  admin: PlatformCalls,
  name: string,
  readerIds: readonly string[],
  caseCount: number,
): Promise<string> {
  const { checkpoints, cohorts } = choicesSchema.parse(await admin.query("readerStudies.choices"));
  const cohort = cohorts.find(({ caseCounts }) => caseCounts["internal-test"] >= caseCount);
  const plan = {
    name,
    cohortId: cohort?.cohortId,
    split: "internal-test",
    readerIds,
    caseLimit: caseCount,
    // Other cases each time: a consensus of an earlier run may be in force on a platform that goes on.
    seed: randomInt(1_000_000),
    settings: defaultReaderStudySettings,
  };
  // The newest checkpoint need not have explained the cohort.
  for (const { checkpointId } of checkpoints) {
    const made = await admin.mutate("readerStudies.create", { ...plan, checkpointId }).catch(() => null);
    const parsed = draftSchema.safeParse(made);
    if (parsed.data?.caseCount === caseCount) return parsed.data.readerStudyId;
  }
  throw new Error("No checkpoint has explained enough cases.");
}

async function signInAs(
  browser: Browser,
  account: { readonly email: string; readonly password: string },
): Promise<PlatformCalls> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${platformUrl ?? ""}/sign-in`);
  await page.waitForLoadState("networkidle");
  await page.getByLabel("E-mail").fill(account.email);
  await page.getByLabel("Password").fill(account.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  return platformCalls(page.request, platformUrl ?? "");
}

type Images = z.infer<typeof caseSchema>["images"];

/** Unaided, locked, a little different with the aid, submitted: gives the next assignment. */
async function readCase(
  calls: PlatformCalls,
  assignmentId: string,
  answerTo: (images: Images, change: 0 | 1) => ReadingAnswers,
): Promise<string | null> {
  const { images, unaided } = caseSchema.parse(await calls.mutate("reading.open", { assignmentId }));
  const unaidedAnswers = answerTo(images, 0);
  // The mark stays the same one, as in the reading room.
  const aidedAnswers = { ...answerTo(images, 1), marks: unaidedAnswers.marks };
  const save = async (step: { condition: string; answers: object; mapRating: object }, version: number) => {
    const change = { assignmentId, ...step, version, durationMs: 20_000 };
    return stepSchema.parse(await calls.mutate("reading.saveDraft", change)).version;
  };
  const end = (version: number) => ({ assignmentId, version, durationMs: 21_000 });
  const version = await save(
    { condition: "unaided", answers: unaidedAnswers, mapRating: {} },
    unaided.version,
  );
  const aided = await lock(calls, end(version));
  const rated = await save({ condition: "aided", answers: aidedAnswers, mapRating: rating }, aided.version);
  return submittedSchema.parse(await calls.mutate("reading.submit", end(rated))).nextAssignmentId;
}

/** A study may open before its checkpoint is explained. */
async function lock(calls: PlatformCalls, end: object): Promise<z.infer<typeof stepSchema>> {
  for (;;) {
    try {
      return stepSchema.parse(await calls.mutate("reading.lock", end));
    } catch (error) {
      if (!String(error).includes("maps of this case are still being made")) throw error;
      await sleep(2_000);
    }
  }
}

function answersTo(suspicion: number, massOn: string | undefined): ReadingAnswers {
  const birads: Birads = massOn === undefined ? "2" : "4B";
  return {
    breasts: {
      R: { birads: "1", suspicion },
      L: { birads, suspicion: massOn === undefined ? suspicion + 4 : 75 },
    },
    density: "B",
    marks:
      massOn === undefined
        ? []
        : [
            {
              markId: randomUUID(),
              instanceId: massOn,
              geometry: { shape: "circle", xPx: 60, yPx: 80, radiusPx: 20 },
              kind: "mass",
            },
          ],
    comment: "",
  };
}
