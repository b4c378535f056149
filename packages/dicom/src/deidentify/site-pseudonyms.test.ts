import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { openSitePseudonyms, patientKeyOf, type OutputIdentity } from "./site-pseudonyms.ts";

const site = await openSitePseudonyms(Uint8Array.from({ length: 32 }, (_, index) => index * 3 + 1));
const identity: OutputIdentity = {
  pseudonym: "XR-1",
  studyInstanceUid: "2.25.1",
  seriesInstanceUid: "2.25.2",
  sopInstanceUid: "2.25.3",
};

test("dates of patients are moved back by one day to two years, all over that range", async () => {
  const keys = Array.from({ length: 400 }, (_, index) => patientKeyOf(`patient ${index}`, ""));
  const shifts = await Promise.all(keys.map((key) => site.shiftDays(key)));
  expect(shifts.filter((days) => !Number.isInteger(days) || days < 1 || days > 730)).toEqual([]);
  // Of eight parts of the range each holds a fair share of the 400.
  const counts = new Uint32Array(8);
  for (const days of shifts) counts[Math.floor(((days - 1) / 730) * 8)]! += 1;
  expect(Math.min(...counts)).toBeGreaterThan(25);
});

test("a patient is told by number and issuer, however they are spelt", () => {
  expect(patientKeyOf(" 4711  a", "Klinik")).toBe(patientKeyOf("４７11 A", "KLINIK "));
  expect(patientKeyOf("4711", "North")).not.toBe(patientKeyOf("4711", "East"));
  expect(patientKeyOf("a b", "")).not.toBe(patientKeyOf("b", "a"));
});

test("the code of a file of ours changes with each of the four names that it covers", async () => {
  const others = Object.keys(identity).map((name) => ({ ...identity, [name]: "2.25.9" }));
  const macs = await Promise.all([identity, ...others].map((one) => site.mac(one)));
  expect(new Set(macs).size).toBe(5);
});

test("a decision about pixels is one about these pixels of this image", async () => {
  const pixels = Uint8Array.of(1, 2, 3);
  const elsewhere = { ...identity, sopInstanceUid: "2.25.9" };
  const decided = await site.seenMac(identity, pixels);
  expect(await site.seenMac(identity, pixels.slice())).toBe(decided);
  expect(await site.seenMac(elsewhere, pixels)).not.toBe(decided);
  expect(await site.seenMac(identity, Uint8Array.of(1, 2, 4))).not.toBe(decided);
});

test("a keyed digest is the same for the bytes and for their digest, and not that digest", async () => {
  const bytes = Uint8Array.of(5, 6, 7);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const digest = await site.keyedDigest(bytes);
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  expect(await site.keyedDigestOf(sha256)).toBe(digest);
  expect(digest).not.toBe(sha256);
});
