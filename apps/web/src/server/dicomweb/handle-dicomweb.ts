import { isDomainError } from "@crossread/contracts/errors";
import { underScope } from "@crossread/db/row-scope";
import { statusOf } from "../route-answer.ts";
import { answerHeaders } from "./dataset-answer.ts";
import type { DicomWebService } from "./dicomweb-access.ts";
import { authorise, type DicomWebCaller } from "./dicomweb-caller.ts";
import { DicomWebRefusal } from "./dicomweb-refusal.ts";
import type { DicomWebServices } from "./dicomweb-services.ts";
import {
  bulkDataAnswer,
  framesAnswer,
  metadataAnswer,
  renderedAnswer,
  retrieveAnswer,
  thumbnailAnswer,
} from "./retrieve-answers.ts";
import { searchAnswer, type SearchLevel } from "./search-answer.ts";
import { storeInstances } from "./store-instances.ts";

interface Call {
  readonly request: Request;
  readonly caller: DicomWebCaller;
  /** Named groups of the route's pattern. */
  readonly at: Readonly<Record<string, string | undefined>>;
  readonly services: DicomWebServices;
}

interface Route {
  readonly method: "GET" | "POST";
  readonly pattern: RegExp;
  readonly service: DicomWebService;
  readonly answer: (call: Call) => Promise<Response>;
}

const uid = "[0-9.]{1,64}";
const study = `studies/(?<study>${uid})`;
const series = `${study}/series/(?<series>${uid})`;
const instance = `${series}/instances/(?<instance>${uid})`;

const targetOf = ({ at }: Call) => ({
  studyInstanceUid: at["study"] ?? "",
  seriesInstanceUid: at["series"],
  sopInstanceUid: at["instance"],
});
const askedOf = (call: Call) => ({ caller: call.caller, target: targetOf(call) });

const search = (path: string, level: SearchLevel): Route => ({
  method: "GET",
  pattern: new RegExp(`^${path}$`),
  service: "search",
  answer: ({ at, caller, request, services }) =>
    searchAnswer(
      request,
      { caller, level, target: { studyInstanceUid: at["study"], seriesInstanceUid: at["series"] } },
      services,
    ),
});

const get = (path: string, service: DicomWebService, answer: Route["answer"]): Route => ({
  method: "GET",
  pattern: new RegExp(`^${path}$`),
  service,
  answer,
});

const store = (path: string): Route => ({
  method: "POST",
  pattern: new RegExp(`^${path}$`),
  service: "store",
  answer: ({ at, caller, request, services }) =>
    storeInstances(request, { caller, studyInstanceUid: at["study"] }, services),
});

/** PS3.18 table 10.3-1, as far as it is offered. */
const routes: readonly Route[] = [
  store("studies"),
  store(study),
  search("studies", "studies"),
  search("series", "series"),
  search("instances", "instances"),
  search(`${study}/series`, "series"),
  search(`${study}/instances`, "instances"),
  search(`${series}/instances`, "instances"),
  ...[study, series, instance].flatMap((path) => [
    get(path, "retrieve", (call) => retrieveAnswer(call.request, askedOf(call), call.services)),
    get(`${path}/metadata`, "metadata", (call) => metadataAnswer(call.request, askedOf(call), call.services)),
    get(`${path}/thumbnail`, "thumbnail", (call) =>
      thumbnailAnswer(call.request, askedOf(call), call.services),
    ),
  ]),
  get(`${instance}/frames/(?<frames>[^/]+)`, "frames", (call) =>
    framesAnswer(call.request, { ...askedOf(call), frames: call.at["frames"] ?? "" }, call.services),
  ),
  ...[`${study}/rendered`, `${series}/rendered`, `${instance}(?:/frames/1)?/rendered`].map((path) =>
    get(path, "rendered", (call) => renderedAnswer(call.request, askedOf(call), call.services)),
  ),
  get(`${instance}/bulkdata/(?<path>[0-9A-Fa-f/]+)`, "bulkdata", (call) =>
    bulkDataAnswer(call.request, { ...askedOf(call), path: call.at["path"] ?? "" }, call.services),
  ),
];

/** One request to the service; `path` is what follows its base address, without slashes at the ends. */
export async function handleDicomWeb(
  request: Request,
  path: string,
  services: DicomWebServices,
): Promise<Response> {
  try {
    const matching = routes.filter(({ pattern }) => pattern.test(path));
    const route = matching.find(({ method }) => method === request.method);
    if (route === undefined) {
      if (matching.length === 0) throw new DicomWebRefusal(404, "There is no such resource.");
      throw new DicomWebRefusal(405, "The resource does not take this method.", {
        allow: matching.map(({ method }) => method).join(", "),
      });
    }
    const caller = await authorise(request, route.service, services);
    const at = route.pattern.exec(path)?.groups ?? {};
    const { scope, userId } = caller.viewer;
    const db = underScope(services.db, { sites: scope, personId: userId });
    return await route.answer({ request, caller, at, services: { ...services, db } });
  } catch (error) {
    return refused(error);
  }
}

function refused(error: unknown): Response {
  if (error instanceof DicomWebRefusal) {
    return Response.json(
      { message: error.message },
      { status: error.status, headers: { ...answerHeaders("application/json"), ...error.headers } },
    );
  }
  if (!isDomainError(error)) throw error;
  const { retryAfterSeconds } = error.details;
  return Response.json(
    { code: error.code, message: error.message },
    {
      status: statusOf(error),
      headers: {
        ...answerHeaders("application/json"),
        ...(typeof retryAfterSeconds === "number" ? { "retry-after": String(retryAfterSeconds) } : {}),
      },
    },
  );
}
