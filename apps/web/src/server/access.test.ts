import type { Membership, Role } from "@crossread/contracts/role";
import { describe, expect, test, vi } from "vitest";
import type { Database } from "@crossread/db/database";
import { allowRescoping, type RowScope } from "@crossread/db/row-scope";
import type { RequestContext } from "./context.ts";
import { access, scopeOf, type ProcedureName } from "./access.ts";

vi.mock("server-only", () => ({}));
// Next's own request machinery; no procedure needs it.
vi.mock("./services.ts", () => ({}));

const { createCaller, rootRouter } = await import("./root.ts");

const north = "00000000-0000-7000-8000-000000000001";
const east = "00000000-0000-7000-8000-000000000002";

const callers = {
  stranger: undefined,
  "without a role": [],
  "platform admin": [{ role: "admin", siteId: null }],
  "platform auditor": [{ role: "auditor", siteId: null }],
  "site admin": [{ role: "admin", siteId: north }],
  coordinator: [{ role: "coordinator", siteId: north }],
  radiologist: [{ role: "radiologist", siteId: north }],
  "site auditor": [{ role: "auditor", siteId: north }],
} as const satisfies Record<string, readonly Membership[] | undefined>;
type Caller = keyof typeof callers;

/** Written out, not derived: who may call what, by the people of the design. */
const everyone: Caller[] = [
  "platform admin",
  "platform auditor",
  "site admin",
  "coordinator",
  "radiologist",
  "site auditor",
];
const planners: Caller[] = everyone.filter((caller) => caller !== "radiologist");
const siteKeepers: Caller[] = ["platform admin", "site admin", "coordinator"];
const readers: Caller[] = ["radiologist"];
const platformAdmin: Caller[] = ["platform admin"];
const overseers: Caller[] = ["platform admin", "platform auditor"];

const allowed: Record<ProcedureName, readonly Caller[]> = {
  "session.me": everyone,
  "overview.load": everyone,
  "jobs.current": everyone,
  "jobs.watch": everyone,
  "studies.list": planners,
  "studies.facets": planners,
  "studies.load": planners,
  "studies.changeTags": siteKeepers,
  "uploads.open": siteKeepers,
  "uploads.ingest": siteKeepers,
  "uploads.finish": siteKeepers,
  "uploads.cancel": siteKeepers,
  "uploads.list": planners,
  "uploads.load": planners,
  "uploads.files": planners,
  "deidentification.siteKey": ["coordinator"],
  "deidentification.receipt": planners,
  "quarantine.list": planners,
  "quarantine.codes": planners,
  "quarantine.dismiss": siteKeepers,
  "quarantine.held": ["coordinator"],
  "quarantine.decide": ["coordinator"],
  "pixelRules.list": planners,
  "pixelRules.remove": siteKeepers,
  "labels.change": siteKeepers,
  "labels.changeMarks": siteKeepers,
  "labels.mapping": siteKeepers,
  "labels.previewImport": siteKeepers,
  "labels.applyImport": siteKeepers,
  "labels.imports": planners,
  "labels.report": planners,
  "labels.previewUndo": siteKeepers,
  "labels.undo": siteKeepers,
  "reading.workList": readers,
  "reading.accept": readers,
  "reading.decline": readers,
  "reading.session": readers,
  "reading.open": readers,
  "reading.saveDraft": readers,
  "reading.lock": readers,
  "reading.aid": readers,
  "reading.submit": readers,
  "arbitration.workList": readers,
  "arbitration.openCase": readers,
  "arbitration.saveDraft": readers,
  "arbitration.lock": readers,
  "arbitration.decide": readers,
  "arbitration.discordances": overseers,
  "arbitration.choices": platformAdmin,
  "arbitration.open": platformAdmin,
  "arbitration.handOver": platformAdmin,
  "arbitration.settled": overseers,
  "arbitration.record": overseers,
  "arbitration.applyConsensus": platformAdmin,
  "readerStudies.list": planners,
  "readerStudies.load": planners,
  "readerStudies.choices": platformAdmin,
  "readerStudies.results": planners,
  "readerStudies.analyse": planners,
  "readerStudies.preview": platformAdmin,
  "readerStudies.create": platformAdmin,
  "readerStudies.change": platformAdmin,
  "readerStudies.discard": platformAdmin,
  "readerStudies.open": platformAdmin,
  "readerStudies.addReader": platformAdmin,
  "readerStudies.withdrawReader": platformAdmin,
  "readerStudies.close": platformAdmin,
  "cohorts.list": planners,
  "cohorts.load": planners,
  "cohorts.members": planners,
  "cohorts.preview": platformAdmin,
  "cohorts.create": platformAdmin,
  "cohorts.freeze": platformAdmin,
  "cohorts.cleanliness": planners,
  "cohorts.leaks": overseers,
  "cohorts.excludeCase": platformAdmin,
  "cohorts.linkPatients": platformAdmin,
  "cohorts.recordNoLeak": platformAdmin,
  "cohorts.undoLeakDecision": platformAdmin,
  "training.list": planners,
  "training.load": planners,
  "training.watch": planners,
  "training.estimate": platformAdmin,
  "training.launch": platformAdmin,
  "training.cancel": platformAdmin,
  "models.list": everyone,
  "models.load": everyone,
  "validation.list": planners,
  "validation.load": planners,
  "validation.create": platformAdmin,
  "validation.start": platformAdmin,
  "validation.publish": platformAdmin,
  "leaderboards.models": everyone,
  "leaderboards.sites": everyone,
  "sites.list": everyone,
  "sites.mine": planners,
  "sites.load": planners,
  "connections.load": planners,
  "connections.createToken": siteKeepers,
  "connections.revokeToken": siteKeepers,
  "connections.saveDimse": ["platform admin", "site admin"],
  "audit.list": planners,
  "audit.actions": planners,
  "audit.verify": overseers,
  "admin.users": platformAdmin,
  "admin.createUser": platformAdmin,
  "admin.setRoles": platformAdmin,
  "admin.setDisabled": platformAdmin,
  "admin.revokeSessions": platformAdmin,
  "admin.jobs": platformAdmin,
  "admin.operations": platformAdmin,
};

/** Any use of the database means that the caller was let through. */
const reached = new Error("the procedure was reached");
const trap = new Proxy(
  {},
  {
    get() {
      throw reached;
    },
  },
) as Database;

function contextOf(caller: Caller, db: Database): RequestContext {
  const memberships = callers[caller];
  return {
    actor:
      memberships === undefined
        ? undefined
        : { userId: east, name: "Someone", email: "someone@example.org", memberships: [...memberships] },
    db,
    queue: () => Promise.reject(reached),
  };
}

const names = Object.keys(access) as ProcedureName[];

/** The code with which the call ends; input is wrong on purpose, so a permitted call ends in BAD_REQUEST or the trap. */
async function outcome(caller: Caller, name: ProcedureName, db = trap): Promise<string> {
  const [area = "", procedure = ""] = name.split(".");
  const root = createCaller(contextOf(caller, db)) as unknown as Record<
    string,
    Record<string, (input?: unknown) => Promise<unknown>>
  >;
  try {
    const result = await root[area]?.[procedure]?.(undefined);
    if (isAsyncIterable(result)) {
      for await (const _first of result) break;
    }
    return "OK";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "REACHED";
  }
}

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value;

describe("access", () => {
  test("has a row for every procedure, and no row without one", () => {
    expect(Object.keys(rootRouter._def.procedures).toSorted()).toEqual(
      names.filter((name) => name in rootRouter._def.procedures).toSorted(),
    );
    expect(names.filter((name) => !(name in rootRouter._def.procedures))).toEqual([]);
  });

  for (const name of names) {
    test(`${name} answers exactly those who may call it`, async () => {
      const outcomes: Record<string, string> = {};
      const expected: Record<string, string> = {};
      for (const caller of Object.keys(callers) as Caller[]) {
        const code = await outcome(caller, name);
        outcomes[caller] = ["UNAUTHORIZED", "FORBIDDEN"].includes(code) ? code : "let through";
        expected[caller] =
          caller === "stranger"
            ? "UNAUTHORIZED"
            : allowed[name].includes(caller)
              ? "let through"
              : "FORBIDDEN";
      }
      expect(outcomes).toEqual(expected);
    });
  }
});

test("every procedure sees the rows of the sites that its caller's roles are for, and their own", async () => {
  for (const name of names) {
    for (const caller of allowed[name]) {
      const scopes: RowScope[] = [];
      const handle = allowRescoping(new Proxy({}, {}) as Database, (scope) => {
        scopes.push(scope);
        return trap;
      });
      await outcome(caller, name, handle);
      const sites = caller.startsWith("platform") ? "all" : [north];
      expect(scopes[0], `${caller}: ${name}`).toEqual({ sites, personId: east });
    }
  }
});

describe("scopeOf", () => {
  const roles: Role[] = ["coordinator"];
  test("is the sites at which one of the roles is held", () => {
    const memberships: Membership[] = [
      { role: "coordinator", siteId: north },
      { role: "radiologist", siteId: east },
    ];
    expect(scopeOf({ roles, held: "site" }, memberships)).toEqual([north]);
  });

  test("is everything for a role on the platform", () => {
    expect(scopeOf({ roles: ["admin"], held: "site" }, [{ role: "admin", siteId: null }])).toBe("all");
  });

  test("refuses a role at a site where the platform is asked for", () => {
    expect(
      scopeOf({ roles: ["admin"], held: "platform" }, [{ role: "admin", siteId: north }]),
    ).toBeUndefined();
  });
});
