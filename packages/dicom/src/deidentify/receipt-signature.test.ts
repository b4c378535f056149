import { extendReceipt } from "@crossread/contracts/extend-receipt";
import { expect, test } from "vitest";
import { createReceiptSigner, isReceiptGenuine } from "./receipt-signature.ts";

const signer = createReceiptSigner(new Uint8Array(32).fill(1));
const other = createReceiptSigner(new Uint8Array(32).fill(2));
const receipt = extendReceipt(
  undefined,
  {
    siteCode: "north",
    studyInstanceUid: "2.25.1",
    pseudonym: "XR-1",
    software: "crossread 1",
    now: new Date("2026-01-01"),
  },
  [
    {
      sopInstanceUid: "2.25.9",
      sha256: "a".repeat(64),
      sizeBytes: 10,
      deidentification: {
        profile: "crossread-mammography",
        tableVersion: "PS3.15",
        keyedDigestBefore: "b".repeat(64),
        wasOurs: false,
        pixels: "clean",
        actions: [],
      },
    },
  ],
)!;
const signed = signer.sign(receipt);

test("a receipt is genuine as it was signed, by the key of whoever checks it", () => {
  expect(signed.publicKey).toBe(signer.publicKey);
  expect(isReceiptGenuine(signed, signer.publicKey)).toBe(true);
  // RFC 8032, 7.1, test 2: the key of a published seed.
  const seed = Buffer.from("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "hex");
  const published = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
  expect(Buffer.from(createReceiptSigner(seed).publicKey, "base64url").toString("hex")).toBe(published);
});

test("one that was changed is not, nor one that another key signed and names", () => {
  expect(isReceiptGenuine({ ...signed, receipt: { ...receipt, siteCode: "east" } }, signer.publicKey)).toBe(
    false,
  );
  expect(isReceiptGenuine({ ...signed, signature: other.sign(receipt).signature }, signer.publicKey)).toBe(
    false,
  );
  expect(isReceiptGenuine(other.sign(receipt), signer.publicKey)).toBe(false);
  expect(isReceiptGenuine({ ...other.sign(receipt), publicKey: signer.publicKey }, signer.publicKey)).toBe(
    false,
  );
});

test("none is by what is no key", () => {
  for (const key of ["", "AAAA", `${signer.publicKey}AAAA`]) {
    expect(isReceiptGenuine(signed, key), key).toBe(false);
  }
});
