"use client";

import type { DemoAccount } from "@crossread/db/people";
import { signIn } from "next-auth/react";
import { useState, type SyntheticEvent } from "react";
import { Button } from "../../components/button.tsx";
import { FormField, Input } from "../../components/form-field.tsx";

const refusals: Readonly<Record<string, string>> = {
  CredentialsSignin: "The e-mail address or the password is wrong, or the account is disabled.",
  "rate-limited": "Too many attempts. Wait a quarter of an hour and try again.",
};

/** Only a path of this site: an address from the URL could lead anywhere. */
function destination(): string {
  const given = new URLSearchParams(window.location.search).get("callbackUrl");
  if (given === null) return "/";
  const url = new URL(given, window.location.origin);
  return url.origin === window.location.origin ? `${url.pathname}${url.search}` : "/";
}

export function SignInForm(props: { demo: { accounts: readonly DemoAccount[]; password: string } }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  async function submit(event: SyntheticEvent<HTMLFormElement>) {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    const result = await signIn("credentials", { email, password, redirect: false });
    if (result?.ok === true && !result.error) {
      window.location.assign(destination());
      return;
    }
    setError(refusals[result?.error ?? ""] ?? "Signing in failed on the server.");
    setBusy(false);
  }

  return (
    <>
      <form
        onSubmit={submit}
        className="flex flex-col gap-3 rounded-lg border border-slate-200 bg-white p-5"
        aria-label="Sign in"
      >
        <FormField label="E-mail">
          {(control) => (
            <Input
              {...control}
              type="email"
              autoComplete="username"
              required
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </FormField>
        <FormField label="Password">
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </FormField>
        {error === undefined ? null : (
          <p role="alert" className="rounded-md bg-failure-soft px-3 py-2 text-sm text-failure-ink">
            {error}
          </p>
        )}
        <Button type="submit" emphasis="primary" disabled={isBusy}>
          {isBusy ? "Signing in …" : "Sign in"}
        </Button>
      </form>
      {props.demo.accounts.length === 0 ? null : (
        <section aria-label="Demonstration accounts" className="mt-6">
          <h2 className="text-sm font-semibold">Demonstration accounts</h2>
          <p className="mb-2 text-xs text-slate-600">
            Choose one to fill in the form. All have the password{" "}
            <code className="font-mono">{props.demo.password}</code>.
          </p>
          <ul className="divide-y divide-slate-100 overflow-hidden rounded-lg border border-slate-200 bg-white">
            {props.demo.accounts.map((account) => (
              <li key={account.email}>
                <button
                  type="button"
                  className="flex w-full items-baseline justify-between gap-4 px-3 py-2 text-left hover:bg-slate-50"
                  onClick={() => {
                    setEmail(account.email);
                    setPassword(props.demo.password);
                  }}
                >
                  <span className="min-w-0 truncate text-sm">{account.email}</span>
                  <span className="shrink-0 text-xs text-slate-600">{describeRoles(account)}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function describeRoles(account: DemoAccount): string {
  const role = account.roles[0]?.role ?? "no role";
  const sites = account.roles.map(({ siteName }) => siteName ?? "platform");
  return sites.length > 1 ? `${role}, ${sites.length} sites` : `${role}, ${sites[0] ?? "nowhere"}`;
}
