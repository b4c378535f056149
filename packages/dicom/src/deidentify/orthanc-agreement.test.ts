import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { allowListOf } from "./allow-list.ts";
import { basicProfile } from "./confidentiality-profile.ts";
import { tableAction, tableRow } from "./table-action.ts";

const golden = new URL("../../golden/deidentify/orthanc.json", import.meta.url);
const { askedCount, changed } = z
  .object({ orthanc: z.string(), askedCount: z.int(), changed: z.array(z.string()) })
  .parse(JSON.parse(readFileSync(golden, "utf8")));

test("what Orthanc's Basic Profile takes out of 2,391 attributes is in our table", () => {
  expect(askedCount).toBe(2391);
  expect(changed).toHaveLength(366);
  const unknown = changed.filter((tag) => tableRow(tag) === undefined);
  // Orthanc writes these two itself, as we do.
  expect(unknown).toEqual(["00120062", "00120063"]);
});

test("no attribute that Orthanc takes out is kept as it is by our basic profile, on any list", () => {
  for (const sopClassUid of [
    "1.2.840.10008.5.1.4.1.1.1.2",
    "1.2.840.10008.5.1.4.1.1.7",
    "1.2.840.10008.5.1.4.1.1.2",
  ]) {
    const list = allowListOf(sopClassUid);
    const kept = changed.filter((tag) => {
      const allowed = list?.get(tag);
      const row = tableRow(tag);
      return (
        allowed !== undefined && row !== undefined && tableAction(row, basicProfile.options, false) === "K"
      );
    });
    expect(kept).toEqual([]);
  }
});
