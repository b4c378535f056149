import { request } from "playwright-core";
import { answerOf, type Answer } from "../src/server/testing/compare-answers.ts";
import { platformCalls, type PlatformCalls } from "./platform-calls.ts";

export interface SignedIn {
  readonly calls: PlatformCalls;
  /** As the browser would send it. */
  readonly cookie: string;
}

/** Signs in as the form does, without a browser. */
export async function signInByCall(
  origin: string,
  account: { readonly email: string; readonly password: string },
): Promise<SignedIn> {
  const context = await request.newContext();
  const csrf: unknown = await (await context.get(`${origin}/api/auth/csrf`)).json();
  await context.post(`${origin}/api/auth/callback/credentials`, {
    form: { ...account, csrfToken: String(Reflect.get(Object(csrf), "csrfToken")), json: "true" },
  });
  const { cookies } = await context.storageState();
  if (!cookies.some(({ name }) => name.endsWith("session-token"))) {
    throw new Error(`${account.email} was not let in.`);
  }
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  return { calls: platformCalls(context, origin), cookie };
}

export interface Asked {
  readonly name: string;
  readonly path: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export async function ask(origin: string, cookie: string, asked: Asked): Promise<Answer> {
  const { body, headers, method, name } = asked;
  const send = (address: string | URL) =>
    fetch(address, {
      method,
      redirect: "manual",
      headers: { ...headers, cookie },
      ...(body === undefined ? {} : { body }),
    });
  const response = await send(`${origin}/${asked.path}`);
  // Next sends its router to an address of its own, named by what was asked for.
  const address = new URL(response.headers.get("location") ?? "", origin);
  const isNamed = headers?.["rsc"] !== undefined && address.searchParams.has("_rsc");
  return withoutChance(await answerOf(name, isNamed ? await send(address) : response));
}

/** Takes out what is drawn or read from a clock for every answer, and the places where a stream was cut into pieces. */
function withoutChance(answer: Answer): Answer {
  const drawn = [
    /'nonce-([0-9a-f]+)'/.exec(answer.bytes)?.[1],
    // Next names what it rendered for its router.
    /"h":\["\$","\$1","h",\{"children":\[null,\["\$","\$L\w+","([\w-]{21})v"/.exec(answer.bytes)?.[1],
    /"h":\{"r":\["\$","\$1","h",\{"children":\[null,\["\$","\$L\w+","([\w-]{21})v"/.exec(answer.bytes)?.[1],
  ].filter((text) => text !== undefined);
  const known = drawn.reduce((text, one) => text.replaceAll(one, "drawn"), answer.bytes);
  const [status = "", headers = "", ...body] = known.split("\n");
  const lasting = (JSON.parse(headers) as [string, string][])
    .filter(([name]) => name !== "date")
    // A token of a form is drawn, and a session is signed anew.
    .map(([name, value]) => [name, name === "set-cookie" ? value.replace(/=[^;]*/, "") : value])
    .map(([name, value]) => `${name}: ${value?.replace(/Expires=[^;]*/, "")}`);
  return { ...answer, bytes: [status, ...lasting, inOrder(body.join("\n"))].join("\n") };
}

/** React's rows come in the order in which they were ready, in HTML as texts that scripts put together. */
function inOrder(body: string): string {
  const pushed: string[] = [];
  const page = body.replaceAll(
    /<script[^>]*>self\.__next_f\.push\((\[.*?\])\)<\/script>/gs,
    (_script, pieces: string) => {
      pushed.push(String((JSON.parse(pieces) as unknown[])[1]));
      return "";
    },
  );
  const rows = pushed.length > 0 ? pushed.join("") : page;
  const sorted = rows.split("\n").toSorted().join("\n");
  return (pushed.length > 0 ? `${page}\n${sorted}` : sorted).replaceAll(
    /"expires":"[^"]*"|"csrfToken":"[^"]*"/g,
    "",
  );
}
