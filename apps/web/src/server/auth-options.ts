import "server-only";
import type { NextAuthOptions } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { z } from "zod";
import { env } from "../env.ts";
import { createRateLimit } from "./rate-limit.ts";
import { database } from "./services.ts";
import { signInWithPassword } from "./sign-in.ts";

const quarterHourMs = 15 * 60_000;
const limits = {
  byEmail: createRateLimit({ limit: 10, windowMs: quarterHourMs, now: Date.now }),
  byAddress: createRateLimit({ limit: 100, windowMs: quarterHourMs, now: Date.now }),
};

const credentialsSchema = z.object({ email: z.string().max(320), password: z.string().min(1).max(1_000) });

const headersSchema = z.record(z.string(), z.unknown()).catch({});

function addressOf(headers: unknown): string {
  const forwarded = headersSchema.parse(headers)["x-forwarded-for"];
  return typeof forwarded === "string" ? (forwarded.split(",")[0]?.trim() ?? "unknown") : "unknown";
}

export const authOptions = (): NextAuthOptions => ({
  secret: env().NEXTAUTH_SECRET,
  session: { strategy: "jwt", maxAge: 12 * 3_600 },
  pages: { signIn: "/sign-in", error: "/sign-in" },
  providers: [
    Credentials({
      name: "Password",
      credentials: { email: { type: "email" }, password: { type: "password" } },
      async authorize(credentials, request) {
        const given = credentialsSchema.safeParse(credentials);
        if (!given.success) return null;
        const result = await signInWithPassword(
          database(),
          { ...given.data, address: addressOf(request.headers) },
          limits,
        );
        // next-auth hands the message of an error to the page; null becomes "CredentialsSignin".
        if (!result.ok && result.code === "rate-limited") throw new Error("rate-limited");
        return result.ok
          ? { id: result.userId, name: result.name, sessionVersion: result.sessionVersion }
          : null;
      },
    }),
  ],
  callbacks: {
    jwt({ token, user }) {
      // `user` is there at sign-in only; its type is next-auth's union of all providers.
      const signedIn = z.object({ id: z.string(), sessionVersion: z.number() }).safeParse(user);
      return signedIn.success
        ? { sub: signedIn.data.id, sessionVersion: signedIn.data.sessionVersion }
        : token;
    },
    session({ session, token }) {
      return { expires: session.expires, userId: token.sub, sessionVersion: token["sessionVersion"] };
    },
  },
});
