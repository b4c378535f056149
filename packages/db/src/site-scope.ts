import { DomainError } from "@crossread/contracts/errors";

/** Sites whose rows a caller may see: every repository that returns rows of a site takes one. */
export type SiteScope = "all" | readonly string[];

/** For a Prisma `where: { siteId: whereSite(scope) }`; an empty scope matches nothing. */
export function whereSite(scope: SiteScope): { in: string[] } | { not: { in: string[] } } {
  return scope === "all" ? { not: { in: [] } } : { in: [...scope] };
}

export const isInScope = (scope: SiteScope, siteId: string): boolean =>
  scope === "all" || scope.includes(siteId);

export function assertInScope(scope: SiteScope, siteId: string): void {
  if (!isInScope(scope, siteId)) {
    throw new DomainError("forbidden", `You have no such role at site ${siteId}.`);
  }
}
