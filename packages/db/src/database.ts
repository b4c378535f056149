import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient, type Prisma } from "./generated/client.ts";

/** The connection that repositories take; only this package knows that it is Prisma. */
export type Database = PrismaClient;
export type Transaction = Prisma.TransactionClient;

/**
 * How long a transaction may wait for a connection, and last. Most of the time is spent waiting for others: for their row
 * locks, and for the audit log's chain, which every writing transaction locks last.
 */
export const transactionOptions = { maxWait: 15_000, timeout: 30_000 } as const;

export function openDatabase(connectionString: string): Database {
  return new PrismaClient({ adapter: new PrismaPg({ connectionString }), transactionOptions });
}
