import "server-only";
import type { Database } from "@crossread/db/database";
import { findActor, type Actor } from "@crossread/db/people";
import { acrossSites } from "@crossread/db/row-scope";
import { getServerSession } from "next-auth";
import { redirect } from "next/navigation";
import { z } from "zod";
import { authOptions } from "./auth-options.ts";
import { database } from "./services.ts";

const sessionSchema = z.object({ userId: z.uuid(), sessionVersion: z.int() });

/** The signed token is only a claim: the database says whether it still holds. */
export async function actorOfSession(db: Database, session: unknown): Promise<Actor | undefined> {
  const claim = sessionSchema.safeParse(session);
  return claim.success ? findActor(acrossSites(db, "session"), claim.data) : undefined;
}

export async function loadActor(): Promise<Actor | undefined> {
  return actorOfSession(database(), await getServerSession(authOptions()));
}

/** For pages: sends a caller without a valid session to the sign-in page. */
export async function requireActor(): Promise<Actor> {
  return (await loadActor()) ?? redirect("/sign-in");
}
