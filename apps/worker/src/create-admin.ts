import { once } from "node:events";
import { DomainError } from "@crossread/contracts/errors";
import { openDatabase } from "@crossread/db/database";
import { createUser } from "@crossread/db/people";
import { hash } from "@node-rs/argon2";
import { describeFailure } from "./describe-failure.ts";
import { parseEnvironment } from "./env.ts";

const usage = "Usage: create-admin.mjs E-MAIL NAME   (the password is one line on standard input)";
const minimumPasswordLength = 12;

/** The first administrator of a platform without demonstration accounts; further ones are made in the application. */
async function createAdmin(email: string | undefined, name: string | undefined): Promise<void> {
  if (email === undefined || !/^[^@\s]+@[^@\s]+$/.test(email) || name === undefined || name === "") {
    throw new DomainError("usage", usage);
  }
  const password = await readLine();
  if (password.length < minimumPasswordLength) {
    throw new DomainError(
      "usage",
      `A password has at least ${minimumPasswordLength} characters, got ${password.length}.`,
    );
  }
  const db = openDatabase(parseEnvironment().databaseUrl);
  try {
    await createUser(db, {
      actorId: null,
      email,
      name,
      passwordHash: await hash(password),
      memberships: [{ role: "admin", siteId: null }],
    });
    process.stdout.write("The administrator was created.\n");
  } finally {
    await db.$disconnect();
  }
}

async function readLine(): Promise<string> {
  let text = "";
  process.stdin.setEncoding("utf8");
  process.stdin.on("data", (chunk: string) => (text += chunk));
  await once(process.stdin, "end");
  return text.split(/\r?\n/)[0] ?? "";
}

try {
  const [email, name] = process.argv.slice(2);
  await createAdmin(email, name);
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 1;
}
