import { describe, expect } from "vitest";
import { fc, test } from "@fast-check/vitest";
import { aggregateRound } from "./aggregate.ts";
import { strategyNameSchema } from "@crossread/contracts/training-plan";
import { configureStrategy, strategies } from "./strategies.ts";
import { createRandom } from "@crossread/metrics/random";
import { krumScores } from "./krum.ts";
import { statisticsForSite } from "./batch-norm-policy.ts";
import { weightedMean } from "./weighted-mean.ts";
import type { SiteUpdate } from "./update.ts";

function update(
  siteId: string,
  exampleCount: number,
  weights: readonly number[],
  statistics: readonly number[] = [0, 1],
): SiteUpdate {
  return {
    siteId,
    roundNumber: 1,
    baseDigest: "base",
    exampleCount,
    weights: Float32Array.from(weights),
    statistics: Float32Array.from(statistics),
  };
}

function round(updates: readonly SiteUpdate[], strategyName = "fedavg", parameters: unknown = {}) {
  const size = updates[0]?.weights.length ?? 0;
  return aggregateRound({
    base: {
      weights: new Float32Array(size),
      statistics: new Float32Array(updates[0]?.statistics.length ?? 2),
    },
    updates,
    strategy: configureStrategy(strategyName, parameters),
    state: {},
    batchNormPolicy: "average",
  });
}

/** Three sites written out, as one would on paper. */
function naiveFedAvg(a: SiteUpdate, b: SiteUpdate, c: SiteUpdate, index: number): number {
  const n = a.exampleCount + b.exampleCount + c.exampleCount;
  return Math.fround(
    (a.exampleCount / n) * a.weights[index]! +
      (b.exampleCount / n) * b.weights[index]! +
      (c.exampleCount / n) * c.weights[index]!,
  );
}

const value = fc.float({ min: -100, max: 100, noNaN: true, noDefaultInfinity: true });
const vector = fc.array(value, { minLength: 5, maxLength: 5 });
const count = fc.integer({ min: 1, max: 5000 });
const sites = fc
  .array(fc.tuple(count, vector, fc.array(value, { minLength: 2, maxLength: 2 })), {
    minLength: 1,
    maxLength: 7,
  })
  .map((rows) =>
    rows.map(([n, weights, statistics], index) => update(`site-${index}`, n, weights, statistics)),
  );
/** Strategies whose first step from a zero state lands on an aggregate of the sites' own weights. */
const stateless = ["fedavg", "fedprox", "fedavgm", "trimmed-mean", "median", "krum"] as const;

describe("aggregateRound", () => {
  test.prop([sites, fc.constantFrom(...strategyNameSchema.options), fc.integer()])(
    "gives the same bits whatever the order of arrival",
    (updates, name, seed) => {
      const shuffled = createRandom(seed).shuffle(updates);
      expect(round(shuffled, name)).toEqual(round(updates, name));
    },
  );

  test.prop([fc.constantFrom(...stateless), count, vector])(
    "of one site is the site's own model",
    (name, n, weights) => {
      const { model } = round([update("a", n, weights, [3, 4])], name);
      expect(model.weights).toEqual(Float32Array.from(weights, (weight) => weight + 0));
      expect(model.statistics).toEqual(Float32Array.of(3, 4));
    },
  );

  test.prop([fc.constantFrom(...stateless), fc.array(count, { minLength: 1, maxLength: 7 }), vector])(
    "of equal weights is those weights, whatever the counts",
    (name, counts, weights) => {
      const updates = counts.map((n, index) => update(`site-${index}`, n, weights));
      expect(round(updates, name).model.weights).toEqual(Float32Array.from(weights, (weight) => weight + 0));
    },
  );

  test.prop([fc.tuple(count, vector), fc.tuple(count, vector), fc.tuple(count, vector)])(
    "FedAvg equals the weighted mean written out",
    (...rows) => {
      const [a, b, c] = rows.map(([n, weights], index) => update(`site-${index}`, n, weights));
      const { weights } = round([a!, b!, c!]).model;
      weights.forEach((weight, index) => {
        expect(Math.abs(weight - naiveFedAvg(a!, b!, c!, index))).toBeLessThanOrEqual(1e-5);
      });
    },
  );

  test.prop([sites, count])("with equal counts is the plain mean", (updates, n) => {
    const equal = updates.map((one) => ({ ...one, exampleCount: n }));
    const { weights } = round(equal).model;
    weights.forEach((weight, index) => {
      const plain = equal.reduce((sum, one) => sum + one.weights[index]!, 0) / equal.length;
      expect(weight).toBeCloseTo(plain, 4);
    });
  });

  test("one full-batch SGD step per site, averaged by count, is one pooled step", () => {
    const random = createRandom(12);
    const size = 6;
    const base = Float32Array.from({ length: size }, () => random.normal());
    const cohorts = [40, 7, 103].map((n) =>
      Array.from({ length: n }, () => {
        const x = Array.from({ length: size }, () => random.normal());
        return { x, y: random.next() < 0.5 ? 0 : 1 };
      }),
    );
    /** Logistic regression with mean loss. */
    const step = (rows: (typeof cohorts)[number]) => {
      const gradient = new Float64Array(size);
      for (const { x, y } of rows) {
        const logit = x.reduce((sum, xi, index) => sum + xi * base[index]!, 0);
        const error = 1 / (1 + Math.exp(-logit)) - y;
        x.forEach((xi, index) => (gradient[index]! += (error * xi) / rows.length));
      }
      return Float32Array.from(base, (weight, index) => weight - 0.3 * gradient[index]!);
    };
    const updates = cohorts.map((rows, index) => update(`site-${index}`, rows.length, [...step(rows)]));
    const pooled = step(cohorts.flat());
    round(updates).model.weights.forEach((weight, index) => expect(weight).toBeCloseTo(pooled[index]!, 6));
  });

  test("refuses nothing, zero examples in all, one site twice and another shape", () => {
    expect(() => round([])).toThrow(expect.objectContaining({ code: "aggregation-empty" }));
    expect(() => round([update("a", 0, [1]), update("b", 0, [2])])).toThrow(
      expect.objectContaining({ code: "update-no-examples" }),
    );
    expect(() => round([update("a", Number.NaN, [1])])).toThrow(
      expect.objectContaining({ code: "update-no-examples" }),
    );
    expect(() => round([update("a", 1, [1]), update("b", 1, [2]), update("a", 1, [1])])).toThrow(
      expect.objectContaining({ code: "update-duplicate" }),
    );
    expect(() => round([update("a", 1, [1]), update("b", 1, [2, 3])])).toThrow(
      expect.objectContaining({ code: "update-shape-mismatch" }),
    );
    expect(() => round([update("a", 1, [1]), update("b", 1, [2], [1])])).toThrow(
      expect.objectContaining({ code: "update-shape-mismatch" }),
    );
  });

  test("the weighted mean itself refuses nothing and zero examples in all", () => {
    expect(() => weightedMean([], "weights")).toThrow(expect.objectContaining({ code: "aggregation-empty" }));
    expect(() => weightedMean([update("a", 0, [1])], "weights")).toThrow(
      expect.objectContaining({ code: "update-no-examples" }),
    );
  });

  test("refuses a server step that leaves float32", () => {
    expect(() => round([update("a", 1, [3e38])], "fedavgm", { serverLearningRate: 10 })).toThrow(
      expect.objectContaining({ code: "update-not-finite" }),
    );
  });

  test("keep-local hands each site its own statistics back and merged ones to a newcomer", () => {
    const updates = [update("a", 1, [1], [2, 2]), update("b", 3, [1], [6, 6])];
    const result = aggregateRound({
      base: { weights: new Float32Array(1), statistics: new Float32Array(2) },
      updates,
      strategy: configureStrategy("fedavg"),
      state: {},
      batchNormPolicy: "keep-local",
    });
    const { statistics } = result.model;
    expect([...statistics]).toEqual([5, 5]);
    expect([...statisticsForSite("a", statistics, result.siteStatistics)]).toEqual([2, 2]);
    expect([...statisticsForSite("c", statistics, result.siteStatistics)]).toEqual([5, 5]);
    expect(round(updates).siteStatistics).toEqual([]);
  });
});

describe("server optimizers", () => {
  /** Two rounds in which the sites' mean is base + delta. */
  function twoRounds(name: string, parameters: unknown, deltas: readonly [number, number]) {
    const strategy = configureStrategy(name, parameters);
    let base = { weights: Float32Array.of(1), statistics: new Float32Array(0) };
    let state = {};
    return deltas.map((delta) => {
      const result = aggregateRound({
        base,
        updates: [update("a", 5, [base.weights[0]! + delta], [])],
        strategy,
        state,
        batchNormPolicy: "average",
      });
      base = { weights: Float32Array.from(result.model.weights), statistics: new Float32Array(0) };
      state = result.state;
      return base.weights[0]!;
    });
  }

  test("FedAvgM carries momentum from round to round", () => {
    const [first, second] = twoRounds("fedavgm", { serverLearningRate: 0.5, momentum: 0.9 }, [0.25, 0.5]);
    expect(first).toBe(1 + 0.5 * 0.25);
    expect(second).toBeCloseTo(1.125 + 0.5 * (0.9 * 0.25 + 0.5), 6);
  });

  test("FedAvgM without momentum at rate 1 is FedAvg", () => {
    const updates = [update("a", 3, [1, 2]), update("b", 5, [-4, 8])];
    expect(round(updates, "fedavgm", { momentum: 0 }).model).toEqual(round(updates).model);
  });

  test("FedAdam follows Algorithm 2", () => {
    const parameters = { serverLearningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.01 };
    const [first, second] = twoRounds("fedadam", parameters, [0.25, 0.5]);
    const m1 = 0.1 * 0.25;
    const v1 = 0.99 * 0.0001 + 0.01 * 0.0625;
    const w1 = 1 + (0.1 * m1) / (Math.sqrt(v1) + 0.01);
    const m2 = 0.9 * m1 + 0.1 * 0.5;
    const v2 = 0.99 * v1 + 0.01 * 0.25;
    expect(first).toBeCloseTo(w1, 6);
    expect(second).toBeCloseTo(w1 + (0.1 * m2) / (Math.sqrt(v2) + 0.01), 6);
  });

  test("FedYogi follows Algorithm 2 with its sign", () => {
    const parameters = { serverLearningRate: 0.1, beta1: 0.9, beta2: 0.9, tau: 0.5 };
    // v₀ = 0.25: the first Δ² lies below v, the second above.
    const [first, second] = twoRounds("fedyogi", parameters, [0.25, 0.75]);
    const m1 = 0.1 * 0.25;
    const v1 = 0.25 - 0.1 * 0.0625;
    const w1 = 1 + (0.1 * m1) / (Math.sqrt(v1) + 0.5);
    const m2 = 0.9 * m1 + 0.1 * 0.75;
    const v2 = v1 + 0.1 * 0.5625;
    expect(first).toBeCloseTo(w1, 6);
    expect(second).toBeCloseTo(w1 + (0.1 * m2) / (Math.sqrt(v2) + 0.5), 6);
  });

  test.each(["fedavgm", "fedadam", "fedyogi"])("%s averages running statistics by count", (name) => {
    const updates = [update("a", 1, [1], [2, 4]), update("b", 3, [1], [6, 0])];
    expect([...round(updates, name).model.statistics]).toEqual([5, 1]);
  });

  test.prop([fc.constantFrom("fedadam", "fedyogi", "fedavgm"), sites])(
    "state is not changed in place",
    (name, updates) => {
      const { state } = round(updates, name);
      const before = structuredClone(state);
      aggregateRound({
        base: { weights: updates[0]!.weights, statistics: updates[0]!.statistics },
        updates,
        strategy: configureStrategy(name),
        state,
        batchNormPolicy: "average",
      });
      expect(state).toEqual(before);
    },
  );
});

describe("robust strategies", () => {
  const honest = [3, 1, 4, 2].map((weight, index) => update(`site-${index}`, 10, [weight, -weight]));
  const attacker = update("site-x", 1_000_000, [1e6, -1e6], [1e6, 1e6]);

  test("the median of an even and an odd number of sites", () => {
    expect([...round(honest, "median").model.weights]).toEqual([2.5, -2.5]);
    const { model } = round([...honest, attacker], "median");
    expect([...model.weights, ...model.statistics]).toEqual([3, -3, 0, 1]);
  });

  test("the trimmed mean drops both ends and counts sites alike", () => {
    const { model } = round([...honest, attacker], "trimmed-mean", { fraction: 0.2 });
    expect([...model.weights, ...model.statistics]).toEqual([3, -3, 0, 1]);
    expect([...round(honest, "trimmed-mean", { fraction: 0.2 }).model.weights]).toEqual([2.5, -2.5]);
  });

  test("a fraction just below a half leaves the middle of two sites", () => {
    const { model } = round(honest.slice(0, 2), "trimmed-mean", { fraction: 0.499_999_999_9 });
    expect([...model.weights]).toEqual([2, -2]);
  });

  test("Krum picks the most central site and ignores one attacker", () => {
    const { model } = round([...honest, attacker], "krum", { faultySites: 1 });
    // The 2 and the 3 score alike; the 3 belongs to the first site.
    expect([...model.weights]).toEqual([3, -3]);
    expect(krumScores([...honest, attacker].slice(0, 5), 1).slice(0, 4)).toEqual([4, 10, 10, 4]);
  });

  test("Multi-Krum is the mean of the selected sites", () => {
    const { model } = round([...honest, attacker], "krum", { faultySites: 1, selectedSites: 2 });
    expect([...model.weights]).toEqual([2.5, -2.5]);
  });

  test("Krum refuses fewer than 2f + 3 sites", () => {
    expect(() => round(honest, "krum", { faultySites: 1 })).toThrow(
      expect.objectContaining({ code: "quorum-not-reached" }),
    );
  });

  test.prop([sites])("trimmed mean and median stay between the sites' extremes", (updates) => {
    for (const name of ["trimmed-mean", "median"]) {
      round(updates, name).model.weights.forEach((weight, index) => {
        const column = updates.map((one) => one.weights[index]!);
        expect(weight >= Math.min(...column) - 1e-4 && weight <= Math.max(...column) + 1e-4).toBe(true);
      });
    }
  });
});

describe("configureStrategy", () => {
  test("fills defaults, names itself and says the proximal term of FedProx only", () => {
    expect(configureStrategy("fedprox", { mu: 0.1 })).toMatchObject({
      name: "fedprox",
      parameters: { mu: 0.1 },
      proximalMu: 0.1,
    });
    expect(configureStrategy("fedadam").parameters).toEqual({
      serverLearningRate: 0.01,
      beta1: 0.9,
      beta2: 0.99,
      tau: 0.001,
    });
    expect(configureStrategy("fedavg").proximalMu).toBe(0);
  });

  test("every name leads to the strategy of that name", () => {
    for (const name of strategyNameSchema.options) expect(strategies[name].name).toBe(name);
  });

  test("refuses unknown names, unknown parameters and values out of range", () => {
    expect(() => configureStrategy("fedsgd")).toThrow(expect.objectContaining({ code: "plan-invalid" }));
    expect(() => configureStrategy("fedavg", { mu: 1 })).toThrow(
      expect.objectContaining({ code: "plan-invalid" }),
    );
    expect(() => configureStrategy("trimmed-mean", { fraction: 0.5 })).toThrow(
      expect.objectContaining({ code: "plan-invalid" }),
    );
    expect(() => configureStrategy("fedprox", { mu: -1 })).toThrow(
      expect.objectContaining({ code: "plan-invalid" }),
    );
  });
});
