import type { DiscordanceRules } from "@crossread/contracts/discordance";
import { isRecall } from "@crossread/contracts/discordance";
import type { Birads } from "@crossread/contracts/reading";
import { describe, expect, test } from "vitest";
import {
  consensusFinding,
  discordancesOf,
  spreadOf,
  unanimousFinding,
  type JudgedBreast,
} from "./discordance-rules.ts";

const rules: DiscordanceRules = {
  kinds: ["reader-reader", "reader-reference", "reader-ai", "ai-changed"],
  thresholds: { biradsSteps: 2, suspicionPoints: 30 },
  model: { checkpointId: "00000000-0000-7000-8000-000000000001", threshold: 0.5 },
  earlierCheckpointId: "00000000-0000-7000-8000-000000000002",
};

const final = (birads: Birads, suspicion = 0) => ({ birads, suspicion });
const together = (...finals: readonly ReturnType<typeof final>[]) => spreadOf(finals);
const breast = (given: Partial<JudgedBreast>): JudgedBreast => ({
  caseId: "case",
  laterality: "L",
  finals: together(),
  isMalignant: null,
  score: null,
  earlierScore: null,
  ...given,
});
const kinds = (given: Partial<JudgedBreast>, changed: Partial<DiscordanceRules> = {}) =>
  discordancesOf(breast(given), { ...rules, ...changed }).map(({ kind }) => kind);

test("0, 4, 5 and 6 call a woman back, 1, 2 and 3 do not", () => {
  const all: Birads[] = ["0", "1", "2", "3", "4A", "4B", "4C", "5", "6"];
  expect(all.filter(isRecall)).toEqual(["0", "4A", "4B", "4C", "5", "6"]);
});

describe("between readers", () => {
  test("one who calls back and one who does not disagree, however near their categories", () => {
    expect(discordancesOf(breast({ finals: together(final("3", 20), final("4A", 25)) }), rules)).toEqual([
      { kind: "reader-reader", statement: "1 of 2 readers call back" },
    ]);
  });

  test("categories disagree from the threshold on, without a difference of recall", () => {
    expect(kinds({ finals: together(final("1"), final("2")) })).toEqual([]);
    expect(discordancesOf(breast({ finals: together(final("1"), final("3")) }), rules)).toEqual([
      { kind: "reader-reader", statement: "BI-RADS 1 to 3" },
    ]);
    const off = { thresholds: { biradsSteps: null, suspicionPoints: null } };
    expect(kinds({ finals: together(final("1"), final("3")) }, off)).toEqual([]);
  });

  test("suspicion disagrees from the threshold on", () => {
    expect(kinds({ finals: together(final("2", 10), final("2", 39)) })).toEqual([]);
    expect(kinds({ finals: together(final("2", 10), final("2", 40)) })).toEqual(["reader-reader"]);
  });

  test("0 has no place on the scale: beside 5 it is the same call", () => {
    expect(kinds({ finals: together(final("0", 50), final("5", 60)) })).toEqual([]);
    expect(kinds({ finals: together(final("0"), final("1")) })).toEqual(["reader-reader"]);
  });

  test("the extremes of many readers count, and one reader alone disagrees with nobody", () => {
    expect(kinds({ finals: together(final("1"), final("2"), final("3")) })).toEqual(["reader-reader"]);
    expect(kinds({ finals: together(final("5", 100)) })).toEqual([]);
  });
});

describe("against the reference standard", () => {
  test("a recall of what is not malignant and a miss of what is", () => {
    expect(discordancesOf(breast({ finals: together(final("4B", 60)), isMalignant: false }), rules)).toEqual([
      { kind: "reader-reference", statement: "1 of 1 call back a breast that is not malignant" },
    ]);
    expect(kinds({ finals: together(final("2")), isMalignant: true })).toEqual(["reader-reference"]);
    expect(kinds({ finals: together(final("2")), isMalignant: false })).toEqual([]);
    expect(kinds({ finals: together(final("2")), isMalignant: null })).toEqual([]);
  });
});

describe("against the model", () => {
  test("the decision at the operating point counts, the threshold itself calls back", () => {
    expect(kinds({ finals: together(final("2")), score: 0.5 })).toEqual(["reader-ai"]);
    expect(kinds({ finals: together(final("2")), score: 0.49 })).toEqual([]);
    expect(kinds({ finals: together(final("4A")), score: 0.49 })).toEqual(["reader-ai"]);
    expect(kinds({ finals: together(final("4A")), score: 0.49 }, { model: null })).toEqual([]);
  });

  test("a decision that changed between checkpoints is found, a score that moved on one side is not", () => {
    expect(kinds({ earlierScore: 0.2, score: 0.5 })).toEqual(["ai-changed"]);
    expect(kinds({ earlierScore: 0.9, score: 0.1 })).toEqual(["ai-changed"]);
    expect(kinds({ earlierScore: 0.6, score: 0.9 })).toEqual([]);
    expect(kinds({ earlierScore: null, score: 0.9 })).toEqual([]);
  });
});

test("one breast may have every kind, and only the kinds asked for are found", () => {
  const given = {
    finals: together(final("2", 5), final("4C", 80)),
    isMalignant: true,
    score: 0.7,
    earlierScore: 0.3,
  };
  expect(kinds(given)).toEqual(["reader-reader", "reader-reference", "reader-ai", "ai-changed"]);
  expect(kinds(given, { kinds: ["reader-ai"] })).toEqual(["reader-ai"]);
});

describe("what a consensus stands for", () => {
  test("1 is normal, 2 benign, 4 and 5 malignant; 0, 3 and 6 readers alone cannot tell", () => {
    const all: Birads[] = ["0", "1", "2", "3", "4A", "4B", "4C", "5", "6"];
    expect(all.map(consensusFinding)).toEqual([
      null,
      "normal",
      "benign",
      null,
      "malignant",
      "malignant",
      "malignant",
      "malignant",
      null,
    ]);
  });

  test("readers agree where they say the same, and on benign where some saw nothing", () => {
    expect(unanimousFinding(together(final("1"), final("1")))).toBe("normal");
    expect(unanimousFinding(together(final("1"), final("2")))).toBe("benign");
    expect(unanimousFinding(together(final("4A"), final("5")))).toBe("malignant");
    expect(unanimousFinding(together(final("2"), final("5")))).toBeUndefined();
    expect(unanimousFinding(together(final("3"), final("3")))).toBeUndefined();
    expect(unanimousFinding(together(final("3"), final("1")))).toBeUndefined();
    expect(unanimousFinding(together(final("1")))).toBeUndefined();
  });
});
