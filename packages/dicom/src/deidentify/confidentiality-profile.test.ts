import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { allowListOf } from "./allow-list.ts";
import {
  basicProfile,
  crossreadMammography,
  parseDeidentificationProfile,
} from "./confidentiality-profile.ts";
import { confidentialityTable } from "./confidentiality-table.ts";
import { cleanDeviceText } from "./device-text.ts";
import { tableAction, tableRow } from "./table-action.ts";

const count = (basic: string) => confidentialityTable.filter((row) => row.basic === basic).length;

describe("table E.1-1 of PS3.15", () => {
  test("is whole: as many rows, and of every action, as its source has", () => {
    expect(confidentialityTable).toHaveLength(460);
    expect(new Set(confidentialityTable.map(({ tag }) => tag)).size).toBe(460);
    const basics = ["X", "Z", "D", "U", "X/Z", "X/D", "Z/D", "X/Z/D", "X/Z/U*"];
    const counts = Object.fromEntries(basics.map((basic) => [basic, count(basic)]));
    expect(counts).toEqual({
      X: 287,
      Z: 37,
      D: 45,
      U: 50,
      "X/Z": 10,
      "X/D": 18,
      "Z/D": 4,
      "X/Z/D": 7,
      "X/Z/U*": 2,
    });
  });

  test.each([
    ["00100010", { name: "Patient's Name", basic: "Z" }],
    ["00101010", { name: "Patient's Age", basic: "X", retainPatientCharacteristics: "K" }],
    ["00080020", { name: "Study Date", basic: "Z", retainFullDates: "K", retainModifiedDates: "C" }],
    ["00181000", { name: "Device Serial Number", basic: "X/Z/D", retainDeviceIdentity: "K" }],
    ["00081120", { name: "Referenced Patient Sequence", basic: "X", retainUids: "X" }],
    ["00880200", { name: "Icon Image Sequence", basic: "X" }],
    ["60023000", { name: "Overlay Data", basic: "X", cleanGraphics: "C" }],
    ["50F01234", { name: "Curve Data", basic: "X", cleanGraphics: "C" }],
    ["00080018", { name: "SOP Instance UID", basic: "U", retainUids: "K" }],
  ])("has the row of %s", (tag, expected) => {
    expect(tableRow(tag)).toMatchObject(expected);
  });

  test("leaves the choice of X/Z/D to the type of the attribute, and obeys the options of a profile", () => {
    const serial = tableRow("00181000")!;
    const date = tableRow("00080020")!;
    expect(tableAction(serial, basicProfile.options, false)).toBe("X");
    expect(tableAction(serial, basicProfile.options, true)).toBe("Z");
    expect(tableAction(serial, new Set(["retain-device-identity"]), false)).toBe("K");
    expect(tableAction(date, basicProfile.options, true)).toBe("Z");
    expect(tableAction(date, crossreadMammography.options, true)).toBe("C");
  });
});

describe("profiles", () => {
  test("are named by a base and options, in one order", () => {
    const profile = parseDeidentificationProfile("basic+retain-uids+clean-descriptors");
    expect(profile.name).toBe("basic+clean-descriptors+retain-uids");
    expect(parseDeidentificationProfile(profile.name)).toEqual(profile);
    expect(() => parseDeidentificationProfile("anonymous")).toThrow(/begins with/);
    expect(() => parseDeidentificationProfile("basic+retain-names")).toThrow(/"retain-names"/);
    expect(() => parseDeidentificationProfile("basic+retain-full-dates+retain-modified-dates")).toThrow(
      /both/,
    );
  });

  test("keep every attribute that reading a mammogram asks for", () => {
    const folder = new URL("../", import.meta.url);
    const readers = readdirSync(folder).filter(
      (name) => /^read-|presentation/.test(name) && !name.includes("test"),
    );
    const asked = readers.flatMap((name) =>
      [...readFileSync(new URL(name, folder), "utf8").matchAll(/"x([0-9a-f]{8})"/g)].map((match) =>
        (match[1] ?? "").toUpperCase(),
      ),
    );
    expect(asked.length).toBeGreaterThan(40);
    const kept = allowListOf("1.2.840.10008.5.1.4.1.1.1.2");
    const written = new Set(["00080005", "00080100", "00080102", "00080104", "00120062", "00020010"]);
    const missing = [...new Set(asked)].filter((tag) => !written.has(tag) && kept?.has(tag) !== true);
    expect(missing.sort()).toEqual([]);
  });

  test("keep names and versions of devices and no other words", () => {
    expect(cleanDeviceText("HOLOGIC, Inc.")).toBe("HOLOGIC Inc.");
    expect(cleanDeviceText("Selenia Dimensions")).toBe("Selenia Dimensions");
    expect(cleanDeviceText("AWS:1.10.1.5")).toBe("AWS:1.10.1.5");
    expect(cleanDeviceText("Senographe Pristina Frau Weber 12.04.1958")).toBe("Senographe Pristina");
    expect(cleanDeviceText("089 5550 123 4711081542")).toBe("089");
  });
});
