import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { setDisabled, setMemberships } from "./people.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const createAdmin = async (name: string): Promise<string> => {
  const memberships = { create: [{ role: "admin", siteId: null } as const] };
  const data = { email: `${name}@example.org`, name, passwordHash: "x", memberships };
  return (await database.db.user.create({ data })).id;
};

const countAdmins = () =>
  database.db.user.count({
    where: { disabledAt: null, memberships: { some: { role: "admin", siteId: null } } },
  });

describe("the last platform administrator", () => {
  test.each(["demote", "disable"] as const)("is kept where two %s each other at once", async (way) => {
    await database.db.membership.deleteMany();
    const [one, other] = await Promise.all([createAdmin(`${way}-one`), createAdmin(`${way}-other`)]);
    const end = (actorId: string, userId: string) =>
      way === "demote"
        ? setMemberships(database.db, { actorId, userId, memberships: [] })
        : setDisabled(database.db, { actorId, userId, isDisabled: true });
    const ends = await Promise.allSettled([end(one, other), end(other, one)]);
    expect(ends.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(await countAdmins()).toBe(1);
  });
});
