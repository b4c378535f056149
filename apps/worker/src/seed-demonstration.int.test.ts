import { findDemonstration } from "@crossread/db/demonstration-seed";
import { hash, verify } from "@node-rs/argon2";
import { expect, test } from "vitest";
import { testDatabase } from "../../../tests/test-database.ts";
import { demoAccounts, demoPassword, demoReaderEmails, demoSites } from "./demonstration-accounts.ts";
import { seedDemonstration } from "./seed-demonstration.ts";

const third = "radiologist-3@demo.crossread";

test("an account that a data directory of before lacks is added, and nothing is there twice", async () => {
  await using database = await testDatabase();
  const { db } = database;
  await seedDemonstration(db, "synthetic");
  // As an earlier version left it, with what people have changed since.
  await db.membership.deleteMany({ where: { user: { email: third } } });
  await db.user.delete({ where: { email: third } });
  await db.user.update({
    where: { email: "radiologist-1@demo.crossread" },
    data: { passwordHash: await hash("their own"), name: "Renamed" },
  });
  await db.site.update({ where: { code: "north" }, data: { name: "North Clinic" } });

  await seedDemonstration(db, "synthetic");
  await seedDemonstration(db, "synthetic");

  const users = await db.user.findMany({
    include: { memberships: { select: { role: true, site: { select: { code: true } } } } },
  });
  expect(users.map(({ email }) => email).toSorted()).toEqual(
    demoAccounts.map(({ email }) => email).toSorted(),
  );
  expect(await db.site.count()).toBe(demoSites.length);
  expect(await db.site.count({ where: { name: "North Clinic" } })).toBe(1);
  const added = users.find(({ email }) => email === third);
  expect(added?.isDemo).toBe(true);
  expect(await verify(added?.passwordHash ?? "", demoPassword)).toBe(true);
  expect(added?.memberships.map(({ role, site }) => `${role} ${site?.code ?? ""}`).toSorted()).toEqual([
    "radiologist east",
    "radiologist north",
    "radiologist south",
  ]);
  const changed = users.find(({ email }) => email === "radiologist-1@demo.crossread");
  expect(changed?.name).toBe("Renamed");
  expect(await verify(changed?.passwordHash ?? "", "their own")).toBe(true);

  const names = { cohort: "C", run: "R", validation: "V", readerStudy: "S", readerEmails: demoReaderEmails };
  const { readerIds } = await findDemonstration(db, names);
  expect(readerIds).toHaveLength(2);
  expect(readerIds).not.toContain(added?.id);
});
