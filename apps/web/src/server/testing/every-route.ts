import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";

export const appDirectory = resolve(import.meta.dirname, "../../app");

/** All that Next takes from a route file. */
const methods = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] as const;

/** Path below the folder of the application and what to send there. */
export interface RouteCall {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Every route file of the application with the methods that it exports, as "GET api/health". */
export async function routesOfApplication(): Promise<string[]> {
  const files = await readdir(appDirectory, { recursive: true });
  const found = files.flatMap((file) => /^(.+)\/route\.[jt]sx?$/.exec(file)?.[1] ?? []);
  const exported = await Promise.all(
    found.map(async (route) => {
      const module: object = await import(join(appDirectory, route, "route.ts"));
      return methods.filter((method) => method in module).map((method) => `${method} ${route}`);
    }),
  );
  return exported.flat();
}

/** Path of every page of the application, with its parameters in brackets. */
export async function pagesOfApplication(): Promise<string[]> {
  const files = await readdir(appDirectory, { recursive: true });
  return files
    .filter((file) => /(^|\/)page\.[jt]sx?$/.test(file))
    .map((file) => file.replace(/\/?page\.[jt]sx?$/, "").replaceAll(/\([^)]*\)\/?/g, ""))
    .toSorted();
}

/** NextAuth takes the request from Next itself: only a running platform answers. */
export const isServedOnly = (route: string): boolean => route.includes("[...nextauth]");

/** Procedures have a table of their own, by `inputsOfProcedures`. */
const byProcedure: readonly RouteCall[] = [];

const form = { "content-type": "application/x-www-form-urlencoded" };
const get = (...paths: string[]): RouteCall[] => paths.map((path) => ({ path }));

/** What a curious reader would send to every route and method. A new one needs a row. */
export function callsOfRoutes(ids: Readonly<Record<string, string>>): Record<string, readonly RouteCall[]> {
  const { closedStudyId, instanceId, mapId, nothing, readerStudyId, siteId, studyId } = ids;
  const { seriesInstanceUid, sopInstanceUid, studyInstanceUid } = ids;
  const study = `api/dicomweb/studies/${studyInstanceUid}`;
  const series = `${study}/series/${seriesInstanceUid}`;
  const instance = `${series}/instances/${sopInstanceUid}`;
  const upload = `api/uploads/${siteId}/${ids["uploadId"]}/files/${"a".repeat(64)}`;
  const formats = (of: string, names: readonly string[]) =>
    [readerStudyId, closedStudyId].flatMap((id) =>
      names.map((format) => ({ path: `api/reader-studies/${id}/${of}?format=${format}` })),
    );
  // The same image again: the answer must not depend on what is known of it.
  const stored = [
    "--part\r\nContent-Type: application/dicom+json\r\n\r\n",
    JSON.stringify([{ "00080018": { vr: "UI", Value: [sopInstanceUid] } }]),
    "\r\n--part--",
  ].join("");
  const store = (path: string): RouteCall => ({
    path,
    headers: { "content-type": 'multipart/related; type="application/dicom+json"; boundary=part' },
    body: stored,
  });
  return {
    "GET api/auth/[...nextauth]": get("api/auth/session", "api/auth/providers", "api/auth/error?error=Peek"),
    "POST api/auth/[...nextauth]": [
      { path: "api/auth/signin/credentials", headers: form, body: "csrfToken=peek" },
      { path: "api/auth/callback/credentials", headers: form, body: "csrfToken=peek&email=a&password=b" },
    ],
    "GET api/trpc/[trpc]": byProcedure,
    "POST api/trpc/[trpc]": byProcedure,
    "GET api/checkpoints/[checkpointId]/weights": get(`api/checkpoints/${ids["checkpointId"]}/weights`),
    "GET api/dicomweb/[...path]": get(
      "api/dicomweb/studies",
      "api/dicomweb/series",
      "api/dicomweb/instances",
      "api/dicomweb/studies?PatientID=CANARY*&includefield=all",
      `api/dicomweb/studies?StudyInstanceUID=${studyInstanceUid}`,
      `api/dicomweb/instances?SOPInstanceUID=${sopInstanceUid}&includefield=all`,
      `${study}/series`,
      `${series}/instances`,
      ...[study, series, instance].flatMap((path) => [
        path,
        `${path}/metadata`,
        `${path}/rendered`,
        `${path}/thumbnail`,
      ]),
      `${instance}/frames/1`,
      `${instance}/frames/1/rendered`,
      `${instance}/bulkdata/7FE00010`,
    ),
    "POST api/dicomweb/[...path]": [
      store("api/dicomweb/studies"),
      store(study),
      // With a token that nobody issued.
      {
        ...store(study),
        headers: { ...store(study).headers, authorization: `Bearer xr_${"a".repeat(32)}_${"a".repeat(43)}` },
      },
    ],
    "GET api/health": get("api/health"),
    "GET api/held/[refusedFileId]": get(`api/held/${nothing}`, `api/held/${instanceId}`),
    "GET api/instances/[instanceId]/dicom": get(
      `api/instances/${instanceId}/dicom`,
      `api/instances/${nothing}/dicom`,
    ),
    "GET api/maps/[mapId]": get(`api/maps/${mapId}`, `api/maps/${nothing}`, "api/maps/..%2Fmaps"),
    "GET api/reader-studies/[readerStudyId]/export": formats("export", [
      "dicom",
      "json",
      "readings",
      "marks",
    ]),
    "GET api/reader-studies/[readerStudyId]/results": formats("results", ["json", "ratings", "map-measures"]),
    "GET api/refused": get("api/refused"),
    "GET api/studies/[studyId]/receipt": get(`api/studies/${studyId}/receipt`),
    "GET api/thumbnails/[instanceId]": get(`api/thumbnails/${instanceId}`, `api/thumbnails/${nothing}`),
    "GET api/uploads/[siteId]/[uploadId]/files/[sha256]": get(
      `${upload}?size=100`,
      `${upload.replace(ids["uploadId"] ?? "", nothing ?? "")}?size=100`,
    ),
    "PUT api/uploads/[siteId]/[uploadId]/files/[sha256]": [
      { path: `${upload}?size=100&offset=0`, body: "peek" },
      { path: `${upload}?size=100&offset=7`, body: "peek" },
    ],
  };
}
