import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { probeChannelBlock } from "./channel-block.ts";
import { buildNetwork, judgeNetwork, networkArbitrary, type Verdict } from "./testing/random-network.ts";

const seed = 20261123;
const networkCount = 150;

/** Thousands were compared by hand with other seeds; each run of the tests repeats the first ones of one seed. */
test("random networks agree with the CPU backend in outputs and gradients, on every kind of target", async () => {
  const channelBlock = await probeChannelBlock();
  const targets = [{}, { target: "gpu" as const }, channelBlock === undefined ? {} : { channelBlock }];
  const verdicts: Verdict[] = [];
  await fc.assert(
    fc.asyncProperty(networkArbitrary, fc.constantFrom(...targets), async ({ shape, genes }, options) => {
      verdicts.push(await judgeNetwork(buildNetwork(shape, genes), options));
    }),
    { seed, numRuns: networkCount },
  );
  expect(verdicts.filter((verdict) => verdict === "agrees").length).toBeGreaterThan(0.95 * networkCount);
});
