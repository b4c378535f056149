import { expect, test } from "vitest";
import { withReaderNames } from "./with-reader-names.ts";

test("names stand in sentences, ids stay ids", () => {
  const id = "0190a4c2-0000-7000-8000-000000000001";
  const at = new Date(0);
  expect(
    withReaderNames(
      { readerId: id, at, rows: [{ undefined: `Reader ${id} gave one rating.` }, { value: 1 }, null] },
      { [id]: "Ada" },
    ),
  ).toEqual({ readerId: id, at, rows: [{ undefined: "Reader Ada gave one rating." }, { value: 1 }, null] });
});
