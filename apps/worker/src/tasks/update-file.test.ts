import { modelPresets } from "@crossread/model/config";
import { initialParameters } from "@crossread/model/parameter-table";
import { describe, expect, test } from "vitest";
import { decodeUpdate, encodeUpdate } from "./update-file.ts";

const config = modelPresets["tiny-cbam"];

const update = () => ({
  parameters: initialParameters(config, 3),
  baseSha256: "a".repeat(64),
  roundNumber: 4,
});

describe("an update file", () => {
  test("comes back as it was written", () => {
    const written = update();
    expect(decodeUpdate(config, encodeUpdate(config, written), "update")).toEqual(written);
  });

  test("is refused by the name of the tensor that holds NaN", () => {
    const written = update();
    written.parameters.trainable[0] = Number.NaN;
    expect(() => decodeUpdate(config, encodeUpdate(config, written), "update from site north")).toThrow(
      /update from site north has NaN in "stem\/kernel" at index 0/,
    );
  });

  test("of another architecture is refused by its shape", () => {
    const bytes = encodeUpdate(config, update());
    expect(() => decodeUpdate(modelPresets["compact-cbam"], bytes, "update")).toThrow(/expected \[3, 3, 3/);
  });

  test("without its base says so instead of guessing one", () => {
    const written = { ...update(), baseSha256: "" };
    expect(decodeUpdate(config, encodeUpdate(config, written), "update").baseSha256).toBe("");
  });
});
