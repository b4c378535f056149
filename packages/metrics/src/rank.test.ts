import { describe, expect, test } from "vitest";
import { createRandom } from "./random.ts";
import { rankLeaderboard, rowSeed } from "./rank.ts";

function row(id: string, value: number, spread: number, caseCount = 100) {
  const random = createRandom(rowSeed(11, id));
  return {
    id,
    caseCount,
    value,
    replicates: Array.from({ length: 400 }, () => value + spread * random.normal()),
  };
}

const options = { minimumCaseCount: 30, better: "higher" as const };

describe("rankLeaderboard", () => {
  test("clear differences get ranks of their own, unclear ones a tie group and wide rank intervals", () => {
    const rows = [row("c", 0.6, 0.005), row("a", 0.9, 0.01), row("b", 0.89, 0.01), row("d", 0.5, 0.005)];
    const { ranked } = rankLeaderboard(rows, options);
    expect(
      ranked.map(({ id, rank, rankLower, rankUpper, tieGroup }) => ({
        id,
        rank,
        rankLower,
        rankUpper,
        tieGroup,
      })),
    ).toEqual([
      { id: "a", rank: 1, rankLower: 1, rankUpper: 2, tieGroup: 1 },
      { id: "b", rank: 2, rankLower: 1, rankUpper: 2, tieGroup: 1 },
      { id: "c", rank: 3, rankLower: 3, rankUpper: 3, tieGroup: 2 },
      { id: "d", rank: 4, rankLower: 4, rankUpper: 4, tieGroup: 3 },
    ]);
  });

  test("paired replicates separate rows that differ in every resample", () => {
    const base = row("a", 0.9, 0.05);
    const worse = { ...base, id: "b", value: 0.88, replicates: base.replicates.map((value) => value - 0.02) };
    expect(rankLeaderboard([base, worse], options).ranked.map(({ tieGroup }) => tieGroup)).toEqual([1, 2]);
  });

  test("equal rows share rank and group whatever their order", () => {
    const a = row("a", 0.8, 0.01);
    const b = { ...a, id: "b" };
    const expected = ["a", "b"].map((id) => ({
      id,
      value: 0.8,
      rank: 1,
      rankLower: 1,
      rankUpper: 2,
      tieGroup: 1,
    }));
    expect(rankLeaderboard([b, a], options).ranked).toEqual(expected);
    expect(rankLeaderboard([a, b], options).ranked).toEqual(expected);
  });

  test("lower can be better", () => {
    const { ranked } = rankLeaderboard([row("a", 0.9, 0.01), row("b", 0.1, 0.01)], {
      ...options,
      better: "lower",
    });
    expect(ranked.map(({ id, rank, tieGroup }) => [id, rank, tieGroup])).toEqual([
      ["b", 1, 1],
      ["a", 2, 2],
    ]);
  });

  test("rows below the minimum are listed with the reason and take no rank", () => {
    const board = rankLeaderboard([row("small", 0.99, 0.2, 29), row("a", 0.9, 0.01)], options);
    expect(board.ranked.map(({ id, rank }) => [id, rank])).toEqual([["a", 1]]);
    expect(board.unranked).toEqual([
      { id: "small", reason: "29 cases are fewer than the 30 that a rank needs." },
    ]);
  });

  test("an empty board is empty", () => {
    expect(rankLeaderboard([], options)).toEqual({ ranked: [], unranked: [] });
  });

  test("refuses double ids, unequal replicates and resamples without values", () => {
    const a = row("a", 0.9, 0.01);
    expect(() => rankLeaderboard([a, a], options)).toThrow(
      expect.objectContaining({ code: "duplicate-subject" }),
    );
    expect(() => rankLeaderboard([a, { ...a, id: "b", replicates: [1] }], options)).toThrow(
      expect.objectContaining({ code: "length-mismatch" }),
    );
    const empty = { ...a, id: "b", replicates: a.replicates.map(() => undefined) };
    expect(() => rankLeaderboard([a, empty], options)).toThrow(
      expect.objectContaining({ code: "too-few-cases" }),
    );
  });
});
