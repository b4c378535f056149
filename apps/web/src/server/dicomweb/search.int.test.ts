import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dicomWebWorld, mammogram, type DicomWebWorld } from "./testing/dicomweb-world.ts";

let world: DicomWebWorld;
let token: string;

/** Three studies of two women at north, one at east. */
beforeAll(async () => {
  world = await dicomWebWorld();
  ({ token } = await world.token("north", ["read"]));
  const study = (number: number, subjectId: string, studyDate: string) => ({
    studyInstanceUid: `2.25.${number}00`,
    seriesInstanceUid: `2.25.${number}01`,
    subjectId,
    studyDate,
  });
  for (const [number, subject, date] of [
    [1, "XR-ADA", "20230101"],
    [2, "XR-ADA", "20240101"],
    [3, "XR-BEA", "20240630"],
  ] as const) {
    const header = study(number, subject, date);
    await world.keep("north", mammogram({ ...header, sopInstanceUid: `2.25.${number}02`, laterality: "L" }));
    await world.keep(
      "north",
      mammogram({ ...header, sopInstanceUid: `2.25.${number}03`, laterality: "R", view: "MLO" }),
    );
  }
  await world.keep("east", mammogram({ ...study(4, "XR-ADA", "20240101"), sopInstanceUid: "2.25.402" }));
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

type DataSet = Record<string, { vr: string; Value?: unknown[] }>;

async function find(path: string): Promise<DataSet[]> {
  const response = await world.call(path, { token });
  expect(response.status).toBe(200);
  return (await response.json()) as DataSet[];
}
const valuesOf = async (path: string, tag: string) =>
  (await find(path)).map((dataSet) => String(dataSet[tag]?.Value?.[0])).toSorted();
const studiesOf = (query: string) => valuesOf(`studies?${query}`, "0020000D");

describe("QIDO-RS", () => {
  test("gives a study with its counts, its address and what it does not have", async () => {
    const [study] = await find("studies?StudyInstanceUID=2.25.300");
    expect(study).toEqual({
      "00080020": { vr: "DA", Value: ["20240630"] },
      "00080030": { vr: "TM" },
      "00080050": { vr: "SH" },
      "00080056": { vr: "CS", Value: ["ONLINE"] },
      "00080061": { vr: "CS", Value: ["MG"] },
      "00080090": { vr: "PN" },
      "00081190": { vr: "UR", Value: [`${world.services.baseUrl}/studies/2.25.300`] },
      "00100010": { vr: "PN", Value: [{ Alphabetic: "XR-BEA" }] },
      "00100020": { vr: "LO", Value: ["XR-BEA"] },
      "00100030": { vr: "DA" },
      "00100040": { vr: "CS" },
      "00101010": { vr: "AS", Value: ["057Y"] },
      "0020000D": { vr: "UI", Value: ["2.25.300"] },
      "00200010": { vr: "SH" },
      "00201206": { vr: "IS", Value: [1] },
      "00201208": { vr: "IS", Value: [2] },
    });
  });

  const matching: [string, string[]][] = [
    ["", ["2.25.100", "2.25.200", "2.25.300"]],
    ["PatientID=XR-ADA", ["2.25.100", "2.25.200"]],
    ["00100020=XR-ADA", ["2.25.100", "2.25.200"]],
    ["PatientID=*DA", ["2.25.100", "2.25.200"]],
    ["PatientID=XR-?EA", ["2.25.300"]],
    ["PatientID=XR-%25", []],
    ["PatientName=XR-BEA", ["2.25.300"]],
    ["StudyDate=20240101", ["2.25.200"]],
    ["StudyDate=20240101-", ["2.25.200", "2.25.300"]],
    ["StudyDate=-20231231", ["2.25.100"]],
    ["StudyDate=20230101-20240101", ["2.25.100", "2.25.200"]],
    ["ModalitiesInStudy=MG", ["2.25.100", "2.25.200", "2.25.300"]],
    ["ModalitiesInStudy=M*", ["2.25.100", "2.25.200", "2.25.300"]],
    ["ModalitiesInStudy=CT", []],
    ["StudyInstanceUID=2.25.100,2.25.300,2.25.400", ["2.25.100", "2.25.300"]],
    ["StudyInstanceUID=2.25.100%5C2.25.300", ["2.25.100", "2.25.300"]],
    ["SeriesInstanceUID=2.25.201", ["2.25.200"]],
    ["PatientID=", ["2.25.100", "2.25.200", "2.25.300"]],
    ["PatientID=XR-ADA&StudyDate=20240101", ["2.25.200"]],
    ["PatientID='; DROP TABLE studies; --", []],
  ];
  test.each(matching)("matches ?%s", async (query, expected) => {
    expect(await studiesOf(query)).toEqual(expected);
  });

  test("gives series and instances, also below a study and a series", async () => {
    expect(await valuesOf("series", "0020000E")).toEqual(["2.25.101", "2.25.201", "2.25.301"]);
    expect(await valuesOf("studies/2.25.200/series", "00201209")).toEqual(["2"]);
    expect(await valuesOf("studies/2.25.200/instances", "00080018")).toEqual(["2.25.202", "2.25.203"]);
    expect(await valuesOf("studies/2.25.200/series/2.25.201/instances", "00080018")).toHaveLength(2);
    expect(await valuesOf("studies/2.25.200/series/2.25.101/instances", "00080018")).toEqual([]);
    expect(await valuesOf("instances?ImageLaterality=R", "00185101")).toEqual(["MLO", "MLO", "MLO"]);
    expect(await valuesOf("instances?ViewPosition=CC&PatientID=XR-BEA", "00080018")).toEqual(["2.25.302"]);
    expect(await valuesOf("studies/2.25.400/instances", "00080018")).toEqual([]);
    const classUid = "1.2.840.10008.5.1.4.1.1.1.2";
    expect(await valuesOf(`instances?SOPClassUID=${classUid}&limit=1`, "00080016")).toEqual([classUid]);
    expect(await find("instances?SOPClassUID=1.2.3")).toEqual([]);
  });

  test("pages, and says how many more there are", async () => {
    const first = await world.call("instances?limit=4", { token });
    expect(first.headers.get("warning")).toContain("There are 2 additional results");
    expect(first.headers.get("x-total-count")).toBe("6");
    const uids = ((await first.json()) as DataSet[]).map((row) => row["00080018"]?.Value?.[0]);
    const rest = await world.call("instances?limit=4&offset=4", { token });
    expect(rest.headers.get("warning")).toBeNull();
    uids.push(...((await rest.json()) as DataSet[]).map((row) => row["00080018"]?.Value?.[0]));
    expect(new Set(uids).size).toBe(6);
    expect(await find("studies?limit=0")).toEqual([]);
  });

  test("says what it does not match instead of passing over it", async () => {
    const response = await world.call("studies?AccessionNumber=7&fuzzymatching=true&includefield=all", {
      token,
    });
    expect(((await response.json()) as DataSet[]).length).toBe(3);
    const warning = response.headers.get("warning") ?? "";
    expect(warning).toContain("AccessionNumber");
    expect(warning).toContain("fuzzymatching parameter is not supported");
  });

  test("reads the SOP class of images that were stored without one from their files", async () => {
    await world.db.instance.updateMany({ data: { sopClassUid: null } });
    const broken = await world.db.instance.findFirstOrThrow({ where: { siteId: world.siteIds.north } });
    await world.store.delete(broken.blobKey);
    const classUid = "1.2.840.10008.5.1.4.1.1.1.2";
    const response = await world.call(`instances?SOPClassUID=${classUid}`, { token });
    const rows = (await response.json()) as DataSet[];
    expect(new Set(rows.map((row) => row["00080016"]?.Value?.[0]))).toEqual(new Set([classUid]));
    expect(response.headers.get("warning")).toContain("The SOP class of 1 instances has not been read yet");
    const others = await world.db.instance.findMany({ where: { siteId: world.siteIds.east } });
    // Another site's images are none of this token's business.
    expect(others.length).toBeGreaterThan(0);
    expect(others.every(({ sopClassUid }) => sopClassUid === null)).toBe(true);
  });

  test("answers in XML where asked", async () => {
    const accept = 'multipart/related; type="application/dicom+xml"';
    const response = await world.call("studies?limit=1", { token, headers: { accept } });
    expect(response.headers.get("content-type")).toContain(accept);
    expect(await response.text()).toContain("<NativeDicomModel");
  });

  test.each([
    ["studies?Nonsense=1", 400],
    ["studies?limit=-1", 400],
    ["studies?limit=many", 400],
    ["studies?StudyDate=2024", 400],
    ["studies?StudyDate=20240231", 400],
    ["studies?StudyInstanceUID=abc", 400],
    ["studies?includefield=no%20field", 400],
    ["patients", 404],
  ])("refuses %s", async (path, status) => {
    expect((await world.call(path, { token })).status).toBe(status);
  });
});
