import type { Membership } from "@crossread/contracts/role";
import { access, scopeOf, type ProcedureName } from "../../server/access.ts";

export interface NavigationItem {
  readonly href: string;
  readonly label: string;
}

/** By task; an item is shown to those who may call the procedure that fills its page. */
const items: readonly (NavigationItem & { procedure: ProcedureName })[] = [
  { href: "/", label: "Overview", procedure: "overview.load" },
  { href: "/studies", label: "Studies", procedure: "studies.list" },
  { href: "/reading", label: "Reading", procedure: "reading.workList" },
  { href: "/reader-studies", label: "Reader studies", procedure: "readerStudies.list" },
  { href: "/cohorts", label: "Cohorts", procedure: "cohorts.list" },
  { href: "/training", label: "Training", procedure: "training.list" },
  { href: "/validation", label: "Validation", procedure: "validation.list" },
  { href: "/models", label: "Models", procedure: "models.list" },
  { href: "/leaderboards", label: "Leaderboards", procedure: "leaderboards.models" },
  { href: "/sites", label: "Sites", procedure: "sites.mine" },
  { href: "/audit", label: "Audit", procedure: "audit.list" },
  { href: "/admin", label: "Admin", procedure: "admin.users" },
];

export function navigationFor(memberships: readonly Membership[]): NavigationItem[] {
  return items
    .filter(({ procedure }) => scopeOf(access[procedure], memberships) !== undefined)
    .map(({ href, label }) => ({ href, label }));
}
