import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient, type Prisma } from "./generated/client.ts";

/** The connection that repositories take; only this package knows that it is Prisma. */
export type Database = PrismaClient;
export type Transaction = Prisma.TransactionClient;

export function openDatabase(connectionString: string): Database {
  return new PrismaClient({ adapter: new PrismaPg({ connectionString }) });
}
