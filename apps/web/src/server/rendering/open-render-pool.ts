import "server-only";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { isDevelopment } from "../../env.ts";
import { createRenderPool, type RenderPool } from "./render-pool.ts";

const opened = ((globalThis as { crossreadRendering?: { pool?: RenderPool } }).crossreadRendering ??= {});

/** Both servers run in the folder of the web application. */
const threadFile = () =>
  join(process.cwd(), isDevelopment() ? "bin/render-thread.mjs" : ".next/server/render-thread.js");

export function renderPool(): RenderPool {
  return (opened.pool ??= createRenderPool({
    threadFile: threadFile(),
    // One core stays with the requests.
    threadCount: Math.min(4, Math.max(1, availableParallelism() - 1)),
    waiting: 64,
    timeoutMs: 60_000,
  }));
}
