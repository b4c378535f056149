/** Signs receipts with the platform's Ed25519 key, which is derived from the master key and stored nowhere. */
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import {
  type DeidentificationReceipt,
  receiptText,
  type SignedReceipt,
} from "@crossread/contracts/deidentification-receipt";
import { deriveKey } from "@crossread/db/site-key";

/** PKCS #8 of an Ed25519 key (RFC 8410 7) up to its 32 bytes. */
const privateKeyHead = Buffer.from("302e020100300506032b657004220420", "hex");
const rawKeyByteCount = 32;

export interface ReceiptSigner {
  /** base64url of the raw 32 bytes: what a hospital keeps to check receipts by. */
  readonly publicKey: string;
  readonly sign: (receipt: DeidentificationReceipt) => SignedReceipt;
}

export function createReceiptSigner(masterKey: Uint8Array): ReceiptSigner {
  const privateKey = createPrivateKey({
    key: Buffer.concat([privateKeyHead, deriveKey(masterKey, "receipt signing")]),
    format: "der",
    type: "pkcs8",
  });
  const publicDer = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  const publicKey = publicDer.subarray(-rawKeyByteCount).toString("base64url");
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
