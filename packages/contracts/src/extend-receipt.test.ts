import { expect, test } from "vitest";
import type { FileDeidentification } from "./deidentification-receipt.ts";
import { receiptText } from "./deidentification-receipt.ts";
import { extendReceipt, type DeidentifiedInstance } from "./extend-receipt.ts";

const head = (day: number, software = "crossread 1") => ({
  siteCode: "north",
  studyInstanceUid: "2.25.1",
  pseudonym: "XR-1",
  software,
  now: new Date(Date.UTC(2026, 0, day)),
});

const name = { tag: "00100010", keyword: "PatientName", action: "Z" } as const;
const view = { tag: "00540220/00080104", keyword: "CodeMeaning", action: "C" } as const;
const uid = { tag: "00080018", keyword: "SOPInstanceUID", action: "U" } as const;

const instance = (
  sopInstanceUid: string,
  actions: FileDeidentification["actions"],
  more: Partial<FileDeidentification> = {},
): DeidentifiedInstance => ({
  sopInstanceUid,
  sha256: "a".repeat(64),
  sizeBytes: 10,
  deidentification: {
    profile: "crossread-mammography",
    tableVersion: "PS3.15",
    keyedDigestBefore: "b".repeat(64),
    wasOurs: false,
    pixels: "clean",
    actions,
    ...more,
  },
});

test("a receipt counts what was done to each file, and to how many files", () => {
  // Two items of a sequence in one file are one file.
  const first = extendReceipt(undefined, head(1), [instance("2.25.9", [name, view, view])]);
  const decision = { kind: "masked", by: "hand" } as const;
  const both = extendReceipt(first, head(2, "crossread 2"), [
    instance("2.25.8", [name, uid], { pixelDecision: decision, pixels: "suspected-text" }),
  ]);
  expect(both).toMatchObject({
    issuedAt: "2026-01-02T00:00:00.000Z",
    actionCounts: { D: 0, Z: 2, X: 0, K: 0, C: 2, U: 1 },
    attributes: [
      { ...uid, fileCount: 1 },
      { ...name, fileCount: 2 },
      { ...view, fileCount: 1 },
    ],
    files: [
      { sopInstanceUid: "2.25.8", software: "crossread 2", pixelDecision: decision },
      { sopInstanceUid: "2.25.9", software: "crossread 1", actionCounts: { Z: 1, C: 2, U: 0 } },
    ],
  });
});

test("a file that is listed already changes nothing", () => {
  const first = extendReceipt(undefined, head(1), [instance("2.25.9", [name])]);
  expect(extendReceipt(first, head(2), [instance("2.25.9", [name, uid])])).toBeUndefined();
  const more = extendReceipt(first, head(2), [instance("2.25.9", [name]), instance("2.25.8", [name])]);
  expect(more?.files.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual(["2.25.8", "2.25.9"]);
  expect(more?.attributes).toEqual([{ ...name, fileCount: 2 }]);
});

test("the text that is signed does not depend on the order in which keys were written", () => {
  const receipt = extendReceipt(undefined, head(1), [instance("2.25.9", [name])]);
  if (receipt === undefined) throw new Error("no receipt");
  const turned = Object.fromEntries(Object.entries(receipt).toReversed()) as typeof receipt;
  expect(Object.keys(turned)[0]).toBe("files");
  expect(receiptText(turned)).toBe(receiptText(receipt));
});
