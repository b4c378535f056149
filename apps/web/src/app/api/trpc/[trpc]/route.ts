import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { createRequestContext } from "../../../../server/request-context.ts";
import { rootRouter } from "../../../../server/root.ts";

const handler = (request: Request): Promise<Response> =>
  fetchRequestHandler({
    endpoint: "/api/trpc",
    req: request,
    router: rootRouter,
    createContext: createRequestContext,
    onError({ error, path }) {
      if (error.code === "INTERNAL_SERVER_ERROR" || error.code === "SERVICE_UNAVAILABLE") {
        process.stderr.write(`${path ?? "?"}: ${error.stack ?? error.message}\n`);
      }
    },
  });

export { handler as GET, handler as POST };
