import type { Membership, Role } from "@crossread/contracts/role";
import { DomainError } from "@crossread/contracts/errors";
import type { SiteScope } from "@crossread/db/site-scope";

/**
 * Who may call what: one row a procedure, none without a row.
 * "platform": one of the roles must be held on the whole platform.
 * "site": at any site or on the platform; the procedure then sees the rows of those sites only.
 */
export interface AccessRow {
  readonly roles: readonly Role[];
  readonly held: "platform" | "site";
}

const everyone: AccessRow = { roles: ["admin", "coordinator", "radiologist", "auditor"], held: "site" };
const platformAdmin: AccessRow = { roles: ["admin"], held: "platform" };
const platformOverseers: AccessRow = { roles: ["admin", "auditor"], held: "platform" };
const planners: AccessRow = { roles: ["admin", "coordinator", "auditor"], held: "site" };
const siteKeepers: AccessRow = { roles: ["admin", "coordinator"], held: "site" };
const coordinator: AccessRow = { roles: ["coordinator"], held: "site" };
const siteAdmin: AccessRow = { roles: ["admin"], held: "site" };
const radiologist: AccessRow = { roles: ["radiologist"], held: "site" };

export const access = {
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

  "deidentification.siteKey": coordinator,
  "deidentification.receipt": planners,

  "quarantine.list": planners,
  "quarantine.codes": planners,
  "quarantine.dismiss": siteKeepers,
  "quarantine.held": coordinator,
  "quarantine.decide": coordinator,

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

  "reading.workList": radiologist,
  "reading.accept": radiologist,
  "reading.decline": radiologist,
  "reading.session": radiologist,
  "reading.open": radiologist,
  "reading.saveDraft": radiologist,
  "reading.lock": radiologist,
  "reading.aid": radiologist,
  "reading.submit": radiologist,

  "arbitration.workList": radiologist,
  "arbitration.openCase": radiologist,
  "arbitration.saveDraft": radiologist,
  "arbitration.lock": radiologist,
  "arbitration.decide": radiologist,
  "arbitration.discordances": platformOverseers,
  "arbitration.choices": platformAdmin,
  "arbitration.open": platformAdmin,
  "arbitration.handOver": platformAdmin,
  "arbitration.settled": platformOverseers,
  "arbitration.record": platformOverseers,
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
  "cohorts.leaks": platformOverseers,
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
  "connections.saveDimse": siteAdmin,

  "audit.list": planners,
  "audit.actions": planners,
  "audit.verify": platformOverseers,

  "admin.users": platformAdmin,
  "admin.createUser": platformAdmin,
  "admin.setRoles": platformAdmin,
  "admin.setDisabled": platformAdmin,
  "admin.revokeSessions": platformAdmin,
  "admin.jobs": platformAdmin,
  "admin.operations": platformAdmin,
} as const satisfies Record<string, AccessRow>;

export type ProcedureName = keyof typeof access;

/** Sites at which the memberships satisfy the row; undefined where they do not at all. */
export function scopeOf(row: AccessRow, memberships: readonly Membership[]): SiteScope | undefined {
  const matching = memberships.filter(({ role }) => row.roles.includes(role));
  if (matching.some(({ siteId }) => siteId === null)) return "all";
  if (row.held === "platform") return undefined;
  const siteIds = matching.flatMap(({ siteId }) => (siteId === null ? [] : [siteId]));
  return siteIds.length === 0 ? undefined : siteIds;
}

export function authorise(name: ProcedureName, memberships: readonly Membership[]): SiteScope {
  const scope = scopeOf(access[name], memberships);
  if (scope === undefined) {
    throw new DomainError("forbidden", `None of your roles may use ${name}.`);
  }
  return scope;
}
