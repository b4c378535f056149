import { startEmbeddedPostgres } from "./embedded-postgres.ts";

// PostgreSQL lives under a process of its own group, so that Ctrl-C in the terminal reaches the launcher only and the
// database goes last. It also stops when the launcher is gone.
const [dataDirectory = "", port = ""] = process.argv.slice(2);
const password = process.env["CROSSREAD_POSTGRES_PASSWORD"] ?? "";
const server = await startEmbeddedPostgres({ dataDirectory, port: Number(port), password });
let isStopping = false;
const stop = async () => {
  if (isStopping) return;
  isStopping = true;
  await server.stop();
  process.exit(0);
};
process.on("SIGTERM", () => void stop());
process.on("disconnect", () => void stop());
process.send?.({ connectionString: server.connectionString });
