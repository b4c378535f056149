import { listDemoAccounts } from "@crossread/db/people";
import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { env } from "../../env.ts";
import { SignInForm } from "../../features/shell/sign-in-form.tsx";
import { loadActor } from "../../server/actor.ts";
import { acrossSites } from "@crossread/db/row-scope";
import { database } from "../../server/services.ts";

export const metadata: Metadata = { title: "Sign in" };

const demoPassword = "crossread-demo";

export default async function SignInPage() {
  if ((await loadActor()) !== undefined) redirect("/");
  const isDemo = env().CROSSREAD_DEMO === "1";
  const accounts = isDemo ? await listDemoAccounts(acrossSites(database(), "demonstration accounts")) : [];
  return (
    <main className="grid min-h-screen place-items-center px-4 py-10">
      <div className="w-full max-w-md">
        <h1 className="text-2xl font-semibold tracking-tight">Crossread</h1>
        <p className="mt-1 mb-6 text-sm text-slate-600">
          Multi-site reading, validation and federated training for mammography. Research use only.
        </p>
        <SignInForm demo={{ accounts, password: demoPassword }} />
      </div>
    </main>
  );
}
