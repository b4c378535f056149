import { describe, expect, test } from "vitest";
import { writeMammogram } from "../write-mammogram.ts";
import { parseDeidentificationProfile } from "./confidentiality-profile.ts";
import { asciiElement, firstAscii } from "./data-element.ts";
import { deidentify } from "./deidentify.ts";
import { parseDicomFile } from "./parse-data-set.ts";
import { writeDicomFile } from "./write-data-set.ts";

const tags = {
  studyDate: ["00080020", "DA"],
  acquisitionDate: ["00080022", "DA"],
  acquisitionDateTime: ["0008002A", "DT"],
  studyTime: ["00080030", "TM"],
  acquisitionTime: ["00080032", "TM"],
} as const;
type Times = Partial<Record<keyof typeof tags, string>>;
const names = Object.keys(tags) as (keyof typeof tags)[];

function mammogram(times: Times): Uint8Array {
  const plain = writeMammogram(
    {
      subjectId: "4711",
      studyInstanceUid: "1.2.3",
      seriesInstanceUid: "1.2.3.1",
      sopInstanceUid: "1.2.3.1.1",
      studyDate: "20240307",
      laterality: "L",
      view: "MLO",
      widthPx: 4,
      heightPx: 4,
      bitsStored: 12,
      photometricInterpretation: "MONOCHROME2",
      windows: [{ center: 2048, width: 4096 }],
      imagerPixelSpacingMm: [0.07, 0.07],
      manufacturer: "m",
      manufacturerModelName: "n",
      softwareVersions: "1",
    },
    new Uint16Array(16),
  );
  const file = parseDicomFile(plain, "file");
  const stated = names.flatMap((name) => {
    const value = times[name];
    return value === undefined ? [] : [asciiElement(tags[name][0], tags[name][1], value)];
  });
  const others = file.elements.filter(({ tag }) => !names.some((name) => tags[name][0] === tag));
  return writeDicomFile({
    transferSyntaxUid: file.transferSyntaxUid,
    sopClassUid: firstAscii(file.elements, "00080016") ?? "",
    sopInstanceUid: "1.2.3.1.1",
    elements: [...others, ...stated].sort((first, second) => (first.tag < second.tag ? -1 : 1)),
  });
}

async function after(times: Times, profile = "crossread-mammography") {
  const options = { siteKey: new Uint8Array(32).fill(3), fileName: "file" };
  const once = await deidentify(mammogram(times), {
    ...options,
    profile: parseDeidentificationProfile(profile),
  });
  const again = await deidentify(once.bytes, { ...options, profile: parseDeidentificationProfile(profile) });
  expect(Buffer.from(again.bytes).equals(once.bytes)).toBe(true);
  const { elements } = parseDicomFile(once.bytes, "file");
  const values = names.map((name) => [name, firstAscii(elements, tags[name][0])] as const);
  const temporal = firstAscii(elements, "00280303");
  return { ...Object.fromEntries(values), temporal } as Record<
    keyof typeof tags | "temporal",
    string | undefined
  >;
}

/** Seconds between two pairs of date and time. */
const between = (firstDay = "", firstTime = "", secondDay = "", secondTime = "") => {
  const at = (day: string, time: string) =>
    Date.parse(
      `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4, 6)}Z`,
    ) / 1_000;
  return at(secondDay, secondTime) - at(firstDay, firstTime);
};

describe("times of day", () => {
  test("of modified dates say nothing of the hour, and keep what lies between the images of a study", async () => {
    const found = await after({
      studyDate: "20240307",
      studyTime: "081500",
      acquisitionDate: "20240307",
      acquisitionTime: "082342.5",
      acquisitionDateTime: "20240307082342.5+0100",
    });
    expect(found).toMatchObject({ studyTime: "120000", acquisitionTime: "120842", temporal: "MODIFIED" });
    expect(found.acquisitionDateTime).toBe(`${found.studyDate}120842`);
    expect(found.studyDate).not.toBe("20240307");
  });

  test("are moved over midnight together with their dates", async () => {
    for (const [studyTime, acquisitionDate, acquisitionTime] of [
      ["235000", "20240308", "001000"],
      ["001000", "20240306", "235500"],
      ["060000", "20240307", "210000"],
    ] as const) {
      const acquisitionDateTime = acquisitionDate + acquisitionTime;
      const studyDate = "20240307";
      const found = await after({
        studyDate,
        studyTime,
        acquisitionDate,
        acquisitionTime,
        acquisitionDateTime,
      });
      expect(found.studyTime).toBe("120000");
      expect(between(found.studyDate, found.studyTime, found.acquisitionDate, found.acquisitionTime)).toBe(
        between(studyDate, studyTime, acquisitionDate, acquisitionTime),
      );
      expect(found.acquisitionDateTime).toBe(`${found.acquisitionDate}${found.acquisitionTime}`);
    }
  });

  test("go where nothing says when the study began, and with all dates in the Basic Profile", async () => {
    const stated = {
      studyDate: "20240307",
      acquisitionTime: "082342",
      acquisitionDateTime: "20240307082342",
    };
    const unknown = await after(stated);
    expect(unknown.acquisitionTime).toBeUndefined();
    expect(unknown.acquisitionDateTime).toBe(unknown.studyDate);
    expect(await after({ ...stated, studyTime: "081500" }, "basic")).toEqual({
      studyDate: undefined,
      acquisitionDate: undefined,
      acquisitionDateTime: undefined,
      studyTime: undefined,
      acquisitionTime: undefined,
      temporal: "REMOVED",
    });
  });

  test("of full dates stay as they are, fractions and offsets included", async () => {
    const stated = {
      studyDate: "20240307",
      studyTime: "081500.25",
      acquisitionDate: "20240307",
      acquisitionTime: "082342",
      acquisitionDateTime: "20240307082342.5+0100",
    };
    expect(await after(stated, "basic+retain-full-dates")).toEqual({ ...stated, temporal: "UNMODIFIED" });
  });
});
