import type { PixelRule } from "@crossread/contracts/pixel-rule";
import { readInstance } from "@crossread/dicom/read-instance";
import { expect, test } from "vitest";
import { textFrame, textPhantom, textPlace } from "../../../../tests/text-phantom.ts";
import { findRuleAnswer } from "./text-in-pixels.ts";

const instance = readInstance(textPhantom({ seed: 1 }), "file");
const { heightPx, widthPx, xPx, yPx } = textPlace;
const region = { xPx, yPx, widthPx, heightPx };
const finding = { status: "suspected-text" as const, regions: [region] };

const rule: PixelRule = {
  ruleId: "00000000-0000-4000-8000-000000000001",
  kind: "allow",
  manufacturer: "HOLOGIC, Inc.",
  model: "Selenia Dimensions",
  rows: textFrame.heightPx,
  columns: textFrame.widthPx,
  regions: [region],
};

test("a rule answers for images of its own device and size only", () => {
  expect(findRuleAnswer([rule], instance, finding)).toEqual({
    answer: { kind: "allow" },
    ruleId: rule.ruleId,
  });
  for (const other of [
    { ...rule, manufacturer: "SIEMENS" },
    { ...rule, model: "Another" },
    { ...rule, rows: rule.rows + 1 },
    { ...rule, columns: rule.columns + 1 },
  ]) {
    expect(findRuleAnswer([other], instance, finding)).toBeUndefined();
  }
  const { manufacturer: _manufacturer, ...unnamed } = instance;
  expect(findRuleAnswer([rule], unnamed, finding)).toBeUndefined();
});

test("the first rule that has an answer to all that was found gives it", () => {
  const elsewhere = {
    ...rule,
    ruleId: "00000000-0000-4000-8000-000000000002",
    regions: [{ ...region, yPx: 300 }],
  };
  const masking = { ...rule, ruleId: "00000000-0000-4000-8000-000000000003", kind: "mask" as const };
  expect(findRuleAnswer([elsewhere, masking, rule], instance, finding)?.ruleId).toBe(masking.ruleId);
  expect(findRuleAnswer([elsewhere], instance, finding)).toBeUndefined();
});
