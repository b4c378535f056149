import { register } from "tsx/esm/api";

register();
const { migrate } = await import("@crossread/db/migrate");
const applied = await migrate(process.env["DATABASE_URL"] ?? "");
console.log(applied.length === 0 ? "No pending migration." : `Applied ${applied.join(", ")}.`);
