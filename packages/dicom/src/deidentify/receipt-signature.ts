/** Receipts signed and checked with Ed25519, in Node. */
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import {
  type DeidentificationReceipt,
  receiptText,
  type SignedReceipt,
} from "@crossread/contracts/deidentification-receipt";

/** RFC 8410: everything of a PKCS #8 and of an SPKI key up to its 32 bytes. */
const privateKeyHead = Buffer.from("302e020100300506032b657004220420", "hex");
const publicKeyHead = Buffer.from("302a300506032b6570032100", "hex");

export interface ReceiptSigner {
  /** base64url of the raw 32 bytes: what a hospital keeps to check receipts by. */
  readonly publicKey: string;
  readonly sign: (receipt: DeidentificationReceipt) => SignedReceipt;
}

/** @param seed - the private key, 32 bytes */
export function createReceiptSigner(seed: Uint8Array): ReceiptSigner {
  const privateKey = createPrivateKey({
    key: Buffer.concat([privateKeyHead, seed]),
    format: "der",
    type: "pkcs8",
  });
  const publicDer = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  const publicKey = publicDer.subarray(publicKeyHead.length).toString("base64url");
  return {
    publicKey,
    sign: (receipt) => ({
      receipt,
      algorithm: "Ed25519",
      publicKey,
      signature: sign(null, Buffer.from(receiptText(receipt)), privateKey).toString("base64url"),
    }),
  };
}

/** Whether the receipt is what that key signed; the key that the receipt names proves nothing about who that was. */
export function isReceiptGenuine(signed: SignedReceipt, publicKey: string): boolean {
  const raw = Buffer.from(publicKey, "base64url");
  if (raw.length !== 32) return false;
  const key = createPublicKey({ key: Buffer.concat([publicKeyHead, raw]), format: "der", type: "spki" });
  const text = Buffer.from(receiptText(signed.receipt));
  return verify(null, text, key, Buffer.from(signed.signature, "base64url"));
}
