import type { Prisma } from "./generated/client.ts";

/** A value that a zod schema has already parsed, for a JSON column. */
export const toJsonColumn = (value: object): Prisma.InputJsonObject => value as Prisma.InputJsonObject;
