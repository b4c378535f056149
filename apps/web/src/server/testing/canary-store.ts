import type { Laterality, View } from "@crossread/contracts/dataset-manifest";
import type { Database } from "@crossread/db/database";
import type { ObjectStore } from "@crossread/storage/object-store";
import { mammogram } from "../dicomweb/testing/dicomweb-world.ts";
import { secretsOf, type Truth } from "./two-truths.ts";

/** Blobs that name themselves: whoever gets one of a map, gets its secret. */
export function canaryStore(db: Database): ObjectStore {
  return {
    async get(key) {
      if (!key.startsWith("instances/")) return new TextEncoder().encode(`blob ${key}`);
      const row = await db.instance.findFirstOrThrow({ where: { blobKey: key } });
      return labelledFile(row.laterality, row.view, key.includes("CANARY-KEY-A") ? "A" : "B");
    },
    put: async () => undefined,
    putStream: async () => undefined,
    has: async () => true,
    delete: async () => undefined,
    list: async () => [],
  };
}

/** What a careless archive writes into its files: the finding in texts before the pixels and in elements after them. */
function labelledFile(laterality: Laterality, view: View, truth: Truth): Uint8Array {
  const [, header = "", trailer = ""] = secretsOf(truth).file;
  // Of another length under the other truth.
  const said = `${header}${truth === "A" ? " MALIGNANT" : ""}`;
  const file = mammogram({
    subjectId: "CANARY-PATIENT-IN-FILE",
    manufacturer: "CANARY-VENDOR",
    manufacturerModelName: said,
    softwareVersions: said,
    institutionName: said,
    kvp: truth === "A" ? 28 : 31,
    compressionForceN: truth === "A" ? 90 : 120,
    windows: [{ center: 2048, width: 4096, explanation: said.slice(0, 16) }],
    laterality,
    view,
  });
  const text = Buffer.from(trailer.padEnd(trailer.length + (trailer.length % 2)));
  // Data Set Trailing Padding (FFFC,FFFC), OB with a length of 32 bits.
  const padding = Buffer.from([0xfc, 0xff, 0xfc, 0xff, 0x4f, 0x42, 0, 0, text.length, 0, 0, 0]);
  return new Uint8Array(Buffer.concat([file, padding, text]));
}
