import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { migrate } from "@crossread/db/migrate";
import { reportStep } from "../progress.mjs";
import { startChild, stopChild, type Child } from "./child.ts";
import { followBackgroundJobs } from "./follow-jobs.ts";
import { InstanceLock } from "./instance-lock.ts";
import { loadLocalSecrets } from "./local-secrets.ts";
import { StartRefusal, type StartOptions } from "./options.ts";
import { isPortFree } from "./ports.ts";
import { postgresDirectory } from "./postgres-directory.ts";
import { buildWeb, isWebBuildCurrent, standaloneServer } from "./web-build.ts";

const require = createRequire(import.meta.url);
const demoAccounts = [
  ["admin@demo.crossread", "admin"],
  ["coordinator-1@demo.crossread", "coordinator of North Hospital"],
  ["radiologist-1@demo.crossread", "radiologist"],
  ["radiologist-3@demo.crossread", "radiologist who reads no study yet and can arbitrate"],
  ["auditor@demo.crossread", "auditor"],
] as const;

/** Everything that `npm start` runs, and how it ends: web, then worker, then database. */
export class Platform {
  readonly #root: string;
  readonly #options: StartOptions;
  readonly #url: string;
  readonly #lock: InstanceLock;
  readonly #children: Child[] = [];
  #stopFollowing: () => Promise<void> = async () => undefined;
  #isStopping = false;

  constructor(root: string, options: StartOptions) {
    this.#root = root;
    this.#options = options;
    this.#url = `http://localhost:${options.port}`;
    this.#lock = new InstanceLock(join(options.dataDirectory, "instance.json"), this.#url);
  }

  async start(): Promise<void> {
    if (!(await isPortFree(this.#options.port))) {
      throw new StartRefusal(
        `Port ${this.#options.port} is in use: stop what listens there, or start with npm start -- --port N.`,
      );
    }
    await this.#lock.acquire();
    await mkdir(join(this.#options.dataDirectory, "logs"), { recursive: true });
    const environment = await this.#environment();
    const databaseUrl = environment["DATABASE_URL"] ?? "";

    const migrated = reportStep("Applying migrations");
    const applied = await migrate(databaseUrl);
    migrated(applied.length === 0 ? "up to date" : `${applied.length} applied`);

    const seeded = reportStep("Creating sites and accounts");
    await this.#runToEnd("seed", [this.#worker("seed.ts")], environment);
    seeded();

    await this.#run("worker", [this.#worker("main.ts")], environment);
    if (!(await isWebBuildCurrent(this.#root))) {
      const built = reportStep("Building the web application (once, one to three minutes)");
      await buildWeb({
        root: this.#root,
        logFile: this.#log("build"),
        onChild: (child) => this.#adopt(child),
      });
      built();
    }
    const started = reportStep("Starting the web application");
    await this.#run("web", [standaloneServer(this.#root)], environment);
    await this.#waitForWeb();
    started();
    this.#greet();
    this.#stopFollowing = await followBackgroundJobs(databaseUrl);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    if (!this.#lock.isHeld) return;
    console.log("\n  Stopping …");
    await this.#stopFollowing();
    for (const child of [...this.#children].reverse()) await stopChild(child, 15_000);
    await this.#lock.release();
    console.log("  Stopped.");
  }

  async #environment(): Promise<Record<string, string>> {
    const secrets = await loadLocalSecrets(join(this.#options.dataDirectory, "secrets.json"));
    const given = (name: string, fallback: string) => ({ [name]: process.env[name] ?? fallback });
    return {
      NODE_ENV: "production",
      NEXT_TELEMETRY_DISABLED: "1",
      PORT: String(this.#options.port),
      HOSTNAME: "127.0.0.1",
      CROSSREAD_CONTENT: this.#options.mode,
      ...given("CROSSREAD_DEMO", "1"),
      ...given("NEXTAUTH_URL", this.#url),
      ...given("NEXTAUTH_SECRET", secrets.sessionSecret),
      ...given("CROSSREAD_MASTER_KEY", secrets.masterKey),
      ...given("BLOB_DIRECTORY", join(this.#options.dataDirectory, "blobs")),
      ...(this.#options.dataset === undefined
        ? {}
        : { CROSSREAD_DATASET: `${this.#options.dataset.kind}=${this.#options.dataset.directory}` }),
      DATABASE_URL: process.env["DATABASE_URL"] ?? (await this.#startPostgres(secrets)),
    };
  }

  async #startPostgres(secrets: { postgresPort: number; postgresPassword: string }): Promise<string> {
    const done = reportStep("Starting PostgreSQL");
    const directory = postgresDirectory(this.#options.dataDirectory);
    const host = join(this.#root, "scripts/platform/postgres-host.ts");
    const argv = [...tsx(), host, directory, String(secrets.postgresPort)];
    const env = { CROSSREAD_POSTGRES_PASSWORD: secrets.postgresPassword };
    const child = await this.#run("postgres", argv, env, true);
    const connectionString = await new Promise<string>((resolve, reject) => {
      child.process.once("message", (message) => {
        if (typeof message === "object" && "connectionString" in message) {
          resolve(String(message.connectionString));
        }
      });
      void child.ended.then((exit) =>
        reject(new StartRefusal(`PostgreSQL did not start (${exit}); see ${this.#log("postgres")}.`)),
      );
    });
    done();
    return connectionString;
  }

  async #run(name: string, argv: string[], env: Record<string, string>, hasIpc = false): Promise<Child> {
    const child = startChild({ name, argv, cwd: this.#root, env, logFile: this.#log(name), hasIpc });
    this.#adopt(child);
    await this.#lock.addChild(child.process.pid);
    void child.ended.then((exit) => {
      if (this.#isStopping) return;
      console.error(`  The ${name} process ended (${exit}); see ${this.#log(name)}. Stopping.`);
      process.kill(process.pid, "SIGTERM");
    });
    return child;
  }

  async #runToEnd(name: string, argv: string[], env: Record<string, string>): Promise<void> {
    const child = startChild({ name, argv, cwd: this.#root, env, logFile: this.#log(name) });
    const exit = await child.ended;
    if (exit !== 0) throw new StartRefusal(`The step "${name}" failed (${exit}); see ${this.#log(name)}.`);
  }

  #adopt(child: Child): void {
    this.#children.push(child);
  }

  #log(name: string): string {
    return join(this.#options.dataDirectory, "logs", `${name}.log`);
  }

  #worker(file: string): string {
    return join(this.#root, "apps/worker/bin", file.replace(/\.ts$/, ".mjs"));
  }

  async #waitForWeb(): Promise<void> {
    for (let attempt = 0; attempt < 240; attempt++) {
      try {
        const response = await fetch(`http://127.0.0.1:${this.#options.port}/api/health`);
        if (response.ok) return;
      } catch {
        // Not listening yet.
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    throw new StartRefusal(`The web application did not answer within a minute; see ${this.#log("web")}.`);
  }

  #greet(): void {
    console.log(`\n  Crossread is ready: ${this.#url}`);
    if (process.env["CROSSREAD_DEMO"] !== "0") {
      console.log("\n  Demonstration accounts (password crossread-demo)");
      for (const [email, role] of demoAccounts) console.log(`    ${email.padEnd(32)} ${role}`);
    }
    console.log("\n  Ctrl-C stops everything.\n");
  }
}

function tsx(): string[] {
  return ["--import", pathToFileURL(require.resolve("tsx")).href];
}
