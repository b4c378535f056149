import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { aggregateRound } from "@crossread/federation/aggregate";
import { weightsDigest } from "@crossread/federation/lineage";
import { configureStrategy } from "@crossread/federation/strategies";
import type { ServerState } from "@crossread/federation/strategy";
import { encodeWeights, type CheckpointContent } from "@crossread/model/checkpoint";
import { modelPresets } from "@crossread/model/config";
import { canonicalJson, sha256 } from "@crossread/model/digest";
import { initialParameters, type ModelParameters } from "@crossread/model/parameter-table";
import { writeCheckpoint } from "./checkpoint-directory.ts";
import { verifyCheckpoint } from "./verify-checkpoint.ts";

const config = modelPresets["tiny-cbam"];
const root = mkdtempSync(join(tmpdir(), "crossread-verify-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Two rounds of two sites, as `federate` leaves them: checkpoints/round-0…2 and updates/. */
async function federation(name: string, strategyName: string) {
  const directory = join(root, name);
  mkdirSync(join(directory, "updates"), { recursive: true });
  const strategy = configureStrategy(strategyName);
  const round = (number: number) => join(directory, "checkpoints", `round-${number}`);
  const write = (
    number: number,
    parameters: ModelParameters,
    lineage: Pick<CheckpointContent["lineage"], "parentId" | "updates">,
  ) =>
    writeCheckpoint(round(number), {
      config,
      parameters,
      normalisation: { mean: 0.2, standardDeviation: 0.1 },
      classNames: ["benign", "malignant"],
      lineage: {
        origin: number === 0 ? "initial" : "aggregated",
        round: number,
        strategy: number === 0 ? null : { name: strategy.name, parameters: { ...strategy.parameters } },
        seed: 1,
        cohortDigests: [],
        codeVersion: "test",
        sourceSha256: null,
        ...lineage,
      },
    });
  let parameters = initialParameters(config, 1);
  let parent = await write(0, parameters, { parentId: null, updates: [] });
  let state: ServerState = {};
  for (const number of [1, 2]) {
    const base = { weights: parameters.trainable, statistics: parameters.statistics };
    const updates = ["a", "b"].map((siteId, site) => ({
      siteId,
      roundNumber: number,
      baseDigest: weightsDigest(base),
      exampleCount: 10 + site,
      weights: base.weights.map((value, index) => value + 0.01 * Math.sin(index + site + number)),
      statistics: base.statistics.slice(),
    }));
    const result = aggregateRound({ base, updates, strategy, state, batchNormPolicy: "average" });
    state = result.state;
    parameters = { trainable: result.model.weights, statistics: result.model.statistics };
    const stated = updates.map((update, index) => {
      const bytes = encodeWeights(config, { trainable: update.weights, statistics: update.statistics });
      writeFileSync(join(directory, "updates", `${sha256(bytes)}.safetensors`), bytes);
      const { cosineToMean, deltaNorm } = result.contributions[index]!;
      return {
        siteId: update.siteId,
        exampleCount: update.exampleCount,
        sha256: sha256(bytes),
        norm: deltaNorm,
        cosineToMean: cosineToMean ?? 0,
      };
    });
    parent = await write(number, parameters, { parentId: parent.checkpointId, updates: stated });
  }
  const updateOf = (index: number) => {
    const digest = parent.manifest.lineage.updates[index]!.sha256;
    return join(directory, "updates", `${digest}.safetensors`);
  };
  return { round, checkpointId: parent.checkpointId, updateOf };
}

function flipByte(file: string): void {
  const bytes = readFileSync(file);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(file, bytes);
}

function editManifest(
  directory: string,
  edit: (lineage: { updates: { exampleCount: number; norm: number }[] }) => void,
) {
  const file = join(directory, "manifest.json");
  const manifest = JSON.parse(readFileSync(file, "utf8")) as { lineage: Parameters<typeof edit>[0] };
  edit(manifest.lineage);
  writeFileSync(file, canonicalJson(manifest));
}

describe("verify", () => {
  test.each([
    ["fedavg", 1],
    ["median", 1],
    ["fedadam", 2],
  ])(
    "computes %s again bit for bit, with the rounds that its state needs",
    async (strategy, roundsReplayed) => {
      const { checkpointId, round } = await federation(`good-${strategy}`, strategy);
      expect(await verifyCheckpoint(round(2), checkpointId)).toMatchObject({
        checkpointId,
        aggregation: { strategy, roundsReplayed, updates: [{ siteId: "a" }, { siteId: "b" }] },
      });
    },
  );

  test("has nothing to repeat of an initial model", async () => {
    const { round } = await federation("initial", "fedavg");
    expect(await verifyCheckpoint(round(0))).toMatchObject({ origin: "initial", aggregation: null });
  });

  test.each<[string, RegExp, (run: Awaited<ReturnType<typeof federation>>) => void]>([
    [
      "a changed update",
      /The update of site b, .*: it was changed\.$/,
      ({ updateOf }) => flipByte(updateOf(1)),
    ],
    ["a lost update", /updates\/.* is missing\.$/, ({ updateOf }) => rmSync(updateOf(0))],
    [
      "changed weights",
      /^Weights of checkpoint .* have SHA-256/,
      ({ round }) => flipByte(join(round(2), "weights.safetensors")),
    ],
    [
      "a changed parent",
      /^Weights of checkpoint .* have SHA-256/,
      ({ round }) => flipByte(join(round(1), "weights.safetensors")),
    ],
    ["a lost parent", /^The parent .* is not in /, ({ round }) => rmSync(round(1), { recursive: true })],
    [
      "a changed example count",
      /^Aggregating the 2 updates of .* again gives weights with SHA-256/,
      ({ round }) => editManifest(round(2), ({ updates }) => (updates[0]!.exampleCount = 99)),
    ],
    [
      "a changed norm",
      /^The manifest in .* states norm 0\.5 .* for site a/,
      ({ round }) => editManifest(round(2), ({ updates }) => (updates[0]!.norm = 0.5)),
    ],
  ])("finds %s", async (what, message, tamper) => {
    const run = await federation(what.replaceAll(" ", "-"), "fedavg");
    tamper(run);
    await expect(verifyCheckpoint(run.round(2))).rejects.toThrow(message);
  });

  test("refuses another checkpoint than the one asked for", async () => {
    const { checkpointId, round } = await federation("other", "fedavg");
    await expect(verifyCheckpoint(round(1), checkpointId)).rejects.toThrow(/expected/);
  });
});
