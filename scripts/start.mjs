// Runs before anything is installed: Node's own modules only.
import { install } from "./install.mjs";
import { requireNode } from "./node-version.mjs";
import { reportStep } from "./progress.mjs";

requireNode();
if (process.argv.includes("--help") || process.argv.includes("-h")) {
  console.log(`Usage: npm start -- [options]

Starts the whole platform: PostgreSQL, migrations, worker and web application. With an empty data directory it
generates three phantom sites and runs a federated training and a validation round while you look on.

Options
  --port N              port of the web application (default 3000)
  --data DIR            data directory (default .crossread)
  --dataset mias=DIR    start with the MIAS films in DIR instead of phantoms
  --dataset imported=DIR  start with a dataset that "crossread import" wrote from DICOM files (copies as
                        PNG or PGM do not tell the size of their pixels)
  --empty               sites and accounts only: no content is generated
  --help                this text

Environment: DATABASE_URL, REDIS_URL, S3_ENDPOINT and the others of .env.example replace the embedded services.`);
  process.exit(0);
}
console.log("Crossread");
install(reportStep);
const { register } = await import("tsx/esm/api");
register();
const { main } = await import("./platform/main.ts");
await main(process.argv.slice(2));
