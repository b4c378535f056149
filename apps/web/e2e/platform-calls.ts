import type { APIRequestContext } from "playwright-core";
import superjson from "superjson";
import { z } from "zod";

const answerSchema = z.object({ result: z.object({ data: z.unknown() }) });

/** Procedures of the platform, called with the cookies of a signed-in person. */
export function platformCalls(request: APIRequestContext, origin: string) {
  const address = (name: string) => `${origin}/api/trpc/${name}`;
  const read = (text: string): unknown => {
    const answer = answerSchema.safeParse(JSON.parse(text)).data;
    if (answer === undefined) throw new Error(`The platform answered: ${text.slice(0, 2_000)}`);
    return superjson.parse(JSON.stringify(answer.result.data));
  };
  return {
    async query(name: string, input?: unknown): Promise<unknown> {
      const query = input === undefined ? "" : `?input=${encodeURIComponent(superjson.stringify(input))}`;
      return read(await (await request.get(`${address(name)}${query}`)).text());
    },
    async mutate(name: string, input: unknown): Promise<unknown> {
      const response = await request.post(address(name), {
        headers: { "content-type": "application/json" },
        data: superjson.stringify(input),
      });
      return read(await response.text());
    },
    text: async (path: string): Promise<string> => (await request.get(`${origin}${path}`)).text(),
  };
}
export type PlatformCalls = ReturnType<typeof platformCalls>;
