import Link from "next/link";
import type { ReactNode } from "react";
import { buttonLook } from "../../components/button.tsx";
import { access, scopeOf, type ProcedureName } from "../../server/access.ts";
import { requireActor } from "../../server/actor.ts";

/** A form is shown to those who may send it; the procedure itself refuses everybody else whatever is shown. */
export async function ForRolesOf(props: { procedure: ProcedureName; children: ReactNode }) {
  const { memberships } = await requireActor();
  if (scopeOf(access[props.procedure], memberships) !== undefined) return props.children;
  return (
    <div className="flex flex-col items-center gap-2 rounded-lg border border-dashed border-slate-300 bg-white px-6 py-10 text-center">
      <h1 className="text-base font-medium text-slate-800">This page is not for your roles</h1>
      <p className="text-sm text-slate-600">A platform administrator gives and takes roles.</p>
      <Link href="/" className={`mt-2 ${buttonLook("secondary")}`}>
        To the overview
      </Link>
    </div>
  );
}
