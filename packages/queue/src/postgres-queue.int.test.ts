import { afterAll, describe } from "vitest";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { queueContract } from "./queue.contract.ts";

let database: TestDatabase | undefined;

afterAll(async () => {
  await database?.[Symbol.asyncDispose]();
});

describe("a queue on PostgreSQL", () => {
  queueContract(async () => {
    database = await testDatabase();
    return { databaseUrl: database.connectionString };
  });
});
