import superjson from "superjson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { differences, type Answer } from "../src/server/testing/compare-answers.ts";
import { inputsOfProcedures } from "../src/server/testing/every-call.ts";
import { callsOfRoutes, pagesOfApplication } from "../src/server/testing/every-route.ts";
import { seatBlindedPeople, type BlindedPeople, type BlindedPerson } from "./blinded-people.ts";
import { platformDatabaseUrl, platformUrl } from "./browser-session.ts";
import { changeableTruth, type Truth } from "./platform-truth.ts";
import { ask, type Asked, type SignedIn } from "./served-answers.ts";

const origin = platformUrl ?? "";
/** A chance of the moment, such as a job that ends between two answers, does not meet the same answer every time. */
const comparisons = 10;

let seats: BlindedPeople;
type ChangeableTruth = Awaited<ReturnType<typeof changeableTruth>>;

/** As a browser asks for a page, as Next's router does for what it shows next, and as it does beforehand. */
const askedByRouter = { HTML: {}, RSC: { rsc: "1" }, prefetch: { rsc: "1", "next-router-prefetch": "1" } };

async function pagesFor({ ids }: BlindedPerson): Promise<Asked[]> {
  const pages = await pagesOfApplication();
  return pages.flatMap((pattern) => {
    const studyIds = pattern.includes("[readerStudyId]")
      ? [ids["readerStudyId"], ids["closedStudyId"]]
      : [""];
    return studyIds.flatMap((readerStudyId = "") => {
      const path = pattern.replaceAll(/\[([^\]]+)\]/g, (_whole, parameter: string) => {
        const value = parameter === "readerStudyId" ? readerStudyId : ids[parameter];
        if (value === undefined)
          throw new Error(`Nothing is known for [${parameter}] of the page ${pattern}.`);
        return value;
      });
      return Object.entries(askedByRouter).map(([kind, headers]) => ({
        name: `${kind} of /${path}`,
        path,
        method: "GET",
        headers,
      }));
    });
  });
}

/** All routes with each of their methods, and all procedures by GET: what changes something is not done that way. */
function callsFor({ ids }: BlindedPerson): Asked[] {
  const procedures = Object.entries(inputsOfProcedures({ ids, pendingCaseIds: [ids["caseId"] ?? ""] }));
  return [
    ...procedures.flatMap(([name, inputs]) =>
      inputs.map((input) => {
        const query = input === undefined ? "" : `?input=${encodeURIComponent(superjson.stringify(input))}`;
        return {
          name: `${name} ${superjson.stringify(input)}`,
          path: `api/trpc/${name}${query}`,
          method: "GET",
        };
      }),
    ),
    ...Object.entries(callsOfRoutes(ids)).flatMap(([route, calls]) => {
      const [method = ""] = route.split(" ");
      return calls.map((call) => ({ ...call, name: `${method} /${call.path}`, method }));
    }),
  ];
}

async function askAll({ cookie }: SignedIn, asked: readonly Asked[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const each of asked) answers.push(await ask(origin, cookie, each));
  return answers;
}

/** What differs between the truths every time that it is asked, with all answers under one of them. */
async function compare(person: SignedIn, asked: readonly Asked[], truth: ChangeableTruth) {
  const answersUnder = async (given: Truth, wanted: readonly Asked[]) => {
    await truth.establish(given);
    return askAll(person, wanted);
  };
  const answers = await answersUnder("A", asked);
  let [suspects, inA] = [asked, answers];
  for (let time = 1; ; time++) {
    const inB = await answersUnder("B", suspects);
    const found = differences(inA, inB);
    if (found.length === 0 || time === comparisons) return { answers, found };
    suspects = suspects.filter((_asked, index) => inA[index]?.bytes !== inB[index]?.bytes);
    inA = await answersUnder("A", suspects);
  }
}

describe.skipIf(platformUrl === undefined || platformDatabaseUrl === undefined)(
  "what the platform serves to people with a case that is blind to them",
  () => {
    beforeAll(async () => {
      seats = await seatBlindedPeople(origin, platformDatabaseUrl ?? "");
    }, 180_000);
    afterAll(async () => {
      await seats.admin.calls.mutate("readerStudies.close", { readerStudyId: seats.openStudyId });
    });

    test("differs for somebody who reads nothing: the truth does reach the wire", async () => {
      // Readings leave the platform once their study is closed.
      const { caseIds = [], ids = {} } = seats.people.find(({ name }) => name === "an arbitrator") ?? {};
      await using truth = await changeableTruth(platformDatabaseUrl ?? "", caseIds);
      const query = (name: string, input: unknown) => ({
        name,
        path: `api/trpc/${name}?input=${encodeURIComponent(superjson.stringify(input))}`,
        method: "GET",
      });
      const readings = `api/reader-studies/${ids["closedStudyId"]}/export?format=json`;
      const told = [
        query("studies.load", { studyId: ids["studyId"] }),
        query("studies.list", { filter: { tag: ["canary-a"] } }),
        query("studies.facets", { filter: { search: ids["studyInstanceUid"] } }),
        { name: "map", path: `api/maps/${ids["mapId"]}`, method: "GET" },
        { name: "readings", path: readings, method: "GET" },
      ];
      const { found } = await compare(seats.admin, told, truth);
      expect(found.map((difference) => difference.split(":")[0])).toEqual(told.map(({ name }) => name));
    });

    test.for(["a radiologist", "a radiologist and coordinator", "an arbitrator", "a withdrawn reader"])(
      "is the same whatever the truth is, every page and every answer to %s",
      async (name) => {
        const person = seats.people.find((one) => one.name === name);
        if (person === undefined) throw new Error(`Nobody is ${name}.`);
        const pages = await pagesFor(person);
        await using truth = await changeableTruth(platformDatabaseUrl ?? "", person.caseIds);
        const { answers, found } = await compare(person, [...pages, ...callsFor(person)], truth);
        expect(found).toEqual([]);
        // Who is signed in is led away from the sign-in page; every other page is shown.
        const unshown = answers.slice(0, pages.length).filter(({ status }) => status !== 200);
        expect(new Set(unshown.map((answer) => answer.name.replace(/^\w+ of /, "")))).toEqual(
          new Set(["/sign-in"]),
        );
      },
    );
  },
);
