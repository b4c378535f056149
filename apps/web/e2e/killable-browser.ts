import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium, type BrowserContext } from "playwright-core";
import { inject } from "vitest";

/** A browser with a profile of its own on disk, as a person's is: what a killed process leaves there is what is left. */
export interface KillableBrowser extends AsyncDisposable {
  /** Starts the browser on its profile. */
  readonly start: () => Promise<BrowserContext>;
  /** SIGKILL for every process of it: nothing is said goodbye to. */
  readonly kill: () => Promise<void>;
}

const startMs = 60_000;

export async function killableBrowser(): Promise<KillableBrowser> {
  const profile = await mkdtemp(join(tmpdir(), "crossread-chromium-"));
  const portFile = join(profile, "DevToolsActivePort");
  let running: { readonly pid: number; readonly exited: Promise<unknown> } | undefined;

  async function kill(): Promise<void> {
    if (running === undefined) return;
    // Of its own process group, so that its children go with it.
    process.kill(-running.pid, "SIGKILL");
    await running.exited;
    running = undefined;
  }

  return {
    kill,
    async start() {
      await rm(portFile, { force: true });
      const flags = ["--headless=new", "--no-sandbox", "--no-first-run", "--disable-sync", "--disable-quic"];
      const child = spawn(
        inject("chromiumPath") ?? "",
        [
          ...flags,
          "--disable-background-networking",
          "--disable-component-update",
          "--window-size=1440,900",
          "--remote-debugging-port=0",
          `--user-data-dir=${profile}`,
          "about:blank",
        ],
        { detached: true, stdio: "ignore" },
      );
      if (child.pid === undefined) throw new Error("The browser does not start.");
      running = { pid: child.pid, exited: new Promise((resolve) => child.once("exit", resolve)) };
      const deadline = Date.now() + startMs;
      let port = "";
      while (port === "") {
        if (Date.now() > deadline) throw new Error("The browser does not open its port.");
        await sleep(50);
        port = await readFile(portFile, "utf8").then(
          (text) => text.split("\n")[0] ?? "",
          () => "",
        );
      }
      const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
      const context = browser.contexts()[0];
      if (context === undefined) throw new Error("The browser has no profile.");
      context.setDefaultTimeout(startMs);
      return context;
    },
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}
