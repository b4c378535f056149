import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { readInstance } from "@crossread/dicom/read-instance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dicomWebWorld, mammogram, serveDicomWeb, type DicomWebWorld } from "./testing/dicomweb-world.ts";
import { hasOrthanc, startOrthanc, type Orthanc } from "./testing/orthanc.ts";

const run = promisify(execFile);
const python = "/usr/bin/python3";

function hasPydicom(): boolean {
  if (!existsSync(python)) return false;
  try {
    execFileSync(python, ["-c", "import pydicom, numpy"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
const hasDcmtk = existsSync("/usr/bin/dcmdump") && existsSync("/usr/bin/dcmcjpls");

let world: DicomWebWorld;
let service: Awaited<ReturnType<typeof serveDicomWeb>>;
let directory: string;
let token: string;
const kept = mammogram({ sopInstanceUid: "2.25.102" });
const keptMlo = mammogram({ sopInstanceUid: "2.25.103", view: "MLO", laterality: "R" });

beforeAll(async () => {
  world = await dicomWebWorld();
  const opened = await serveDicomWeb(world.services);
  service = opened;
  // Clients follow the addresses that metadata gives.
  Object.assign(world.services, { baseUrl: opened.url });
  ({ token } = await world.token("north", ["read", "write"]));
  directory = await mkdtemp(join(tmpdir(), "crossread-interoperability-"));
  await world.keep("north", kept);
  await world.keep("north", keptMlo);
});

afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

async function saved(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, bytes);
  return path;
}

describe.skipIf(!hasPydicom())("pydicom", () => {
  const read = async (study: string, path: string) => {
    const script = join(import.meta.dirname, "testing/read-dicomweb.py");
    const { stdout } = await run(python, [script, service.url, token, study, path]);
    return JSON.parse(stdout) as unknown;
  };

  test("finds a study, reads its metadata without a difference, and its pixels", async () => {
    expect(await read("2.25.100", await saved("kept.dcm", kept))).toEqual({
      studies: ["2.25.100"],
      described: 2,
      differences: [],
      retrieved: 2,
      transferSyntaxes: ["1.2.840.10008.1.2.1"],
      isSamePixels: true,
      isSameFrame: true,
    });
  });

  test.skipIf(!hasDcmtk).each([
    { program: "dcmcjpls", options: [], uid: "2.25.201", added: [] },
    // It says in Derivation Description what it did.
    { program: "dcmcjpeg", options: [], uid: "2.25.202", added: ["(0008, 2111)"] },
    { program: "dcmcrle", options: [], uid: "2.25.203", added: [] },
    { program: "dcmconv", options: ["+ti"], uid: "2.25.204", added: [] },
    { program: "dcmconv", options: ["+tb"], uid: "2.25.205", added: [] },
    { program: "dcmconv", options: ["+td"], uid: "2.25.206", added: [] },
  ])("reads what was made by $program $options, decoded for it", async ({ added, options, program, uid }) => {
    const name = `XR-${uid}`;
    const header = { subjectId: name, studyInstanceUid: uid, seriesInstanceUid: `${uid}1` };
    const plain = await saved(`${name}.plain`, mammogram({ ...header, sopInstanceUid: `${uid}2` }));
    const path = join(directory, `${name}.dcm`);
    await run(program, [...options, plain, path]);
    await world.keep("north", await readFile(path));
    expect(await read(uid, plain)).toMatchObject({
      studies: [uid],
      differences: added,
      retrieved: 1,
      transferSyntaxes: ["1.2.840.10008.1.2.1"],
      isSamePixels: true,
      isSameFrame: true,
    });
  });
});

describe.skipIf(!hasDcmtk)("dcmtk", () => {
  test("dumps an instance that was retrieved", async () => {
    const path = "studies/2.25.100/series/2.25.101/instances/2.25.103";
    const response = await world.call(path, { token, headers: { accept: "application/dicom" } });
    const file = await saved("retrieved.dcm", new Uint8Array(await response.arrayBuffer()));
    const { stderr, stdout } = await run("/usr/bin/dcmdump", ["+fo", file]);
    expect(stdout).toContain("=DigitalMammographyXRayImageStorageForPresentation");
    expect(stdout).toMatch(/ViewPosition/);
    expect(stderr).toBe("");
  });
});

describe.skipIf(!hasOrthanc)("Orthanc", () => {
  let orthanc: Orthanc;

  beforeAll(async () => {
    const reader = await world.token("north", ["read"]);
    orthanc = await startOrthanc(service.url, { crossread: token, "read-only": reader.token });
  });

  afterAll(async () => {
    await orthanc[Symbol.asyncDispose]();
  });

  const json = (value: unknown): RequestInit => ({ method: "POST", body: JSON.stringify(value) });

  test("pushes a study by STOW-RS, and again without harm", async () => {
    const study = { studyInstanceUid: "2.25.500", seriesInstanceUid: "2.25.501", subjectId: "DOE JANE" };
    const files = [
      mammogram({ ...study, sopInstanceUid: "2.25.502" }),
      mammogram({ ...study, sopInstanceUid: "2.25.503", view: "MLO" }),
    ];
    let parent = "";
    for (const bytes of files) {
      const stored = await orthanc.call("/instances", { method: "POST", body: new Uint8Array(bytes) });
      parent = ((await stored.json()) as { ParentStudy: string }).ParentStudy;
    }
    const push = () =>
      orthanc.call("/dicom-web/servers/crossread/stow", json({ Resources: [parent], Synchronous: true }));
    await push();
    const staged = await world.db.uploadFile.findMany({
      where: { siteId: world.siteIds.north, state: "staged" },
    });
    const uids = await Promise.all(
      staged.map(async (file) => {
        const bytes = await world.store.get(file.stagedKey ?? "");
        return readInstance(bytes, "staged").sopInstanceUid;
      }),
    );
    expect(uids.toSorted()).toEqual(["2.25.502", "2.25.503"]);
    await world.db.uploadFile.updateMany({ data: { state: "accepted" } });
    await push();
    expect(await world.db.uploadFile.count({ where: { state: "staged" } })).toBe(0);
    expect(await world.db.uploadFile.count({ where: { state: "known" } })).toBe(2);
  });

  test("finds studies by QIDO-RS and pulls one by WADO-RS, pixel for pixel", async () => {
    const found = await orthanc.call(
      "/dicom-web/servers/crossread/qido",
      json({ Uri: "/studies", Arguments: { PatientID: "XR-TEST" } }),
    );
    expect(JSON.stringify(await found.json())).toContain("2.25.100");
    await orthanc.call(
      "/dicom-web/servers/crossread/retrieve",
      json({ Resources: [{ Study: "2.25.100" }], Synchronous: true }),
    );
    const instances = (await (await orthanc.call("/instances?expand")).json()) as {
      ID: string;
      MainDicomTags: { SOPInstanceUID: string };
    }[];
    const pulled = instances.filter(({ MainDicomTags }) =>
      MainDicomTags.SOPInstanceUID.startsWith("2.25.10"),
    );
    expect(pulled.map((one) => one.MainDicomTags.SOPInstanceUID).toSorted()).toEqual([
      "2.25.102",
      "2.25.103",
    ]);
    for (const { ID, MainDicomTags } of pulled) {
      const file = new Uint8Array(await (await orthanc.call(`/instances/${ID}/file`)).arrayBuffer());
      const truth = MainDicomTags.SOPInstanceUID === "2.25.102" ? kept : keptMlo;
      expect(Buffer.from(file).equals(truth)).toBe(true);
    }
  });

  test("is refused with a token that may only read", async () => {
    const stored = await orthanc.call("/instances", { method: "POST", body: new Uint8Array(kept) });
    const { ParentStudy } = (await stored.json()) as { ParentStudy: string };
    await expect(
      orthanc.call(
        "/dicom-web/servers/read-only/stow",
        json({ Resources: [ParentStudy], Synchronous: true }),
      ),
    ).rejects.toThrow(/Orthanc/);
  });
});
