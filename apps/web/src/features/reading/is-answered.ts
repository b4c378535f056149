import { TRPCClientError } from "@trpc/client";
import { z } from "zod";

const dataSchema = z.looseObject({ code: z.string() });

/** A locked, closed or vanished case stays so: only a failure of the way, and a moment of too much work, are tried again. */
export const isAnswered = (error: unknown): boolean =>
  error instanceof TRPCClientError &&
  error.data !== undefined &&
  error.data !== null &&
  dataSchema.safeParse(error.data).data?.code !== "SERVICE_UNAVAILABLE";
