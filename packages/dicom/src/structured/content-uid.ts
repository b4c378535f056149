import { uuidUid } from "../deidentify/site-pseudonyms.ts";

/** UID under the UUID arc (PS3.5 B.2) of what an object is made of: the same content ids give the same UID. */
export async function contentUid(...contentIds: readonly string[]): Promise<string> {
  const content = new TextEncoder().encode(["crossread", ...contentIds].join("\u001f"));
  return uuidUid(new Uint8Array(await crypto.subtle.digest("SHA-256", content)));
}

/** A UUID as a UID, one to one. */
export const uidOfUuid = (uuid: string): string => `2.25.${BigInt(`0x${uuid.replaceAll("-", "")}`)}`;
