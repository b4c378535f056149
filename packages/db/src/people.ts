import type { Membership, Role } from "@crossread/contracts/role";
import { DomainError } from "@crossread/contracts/errors";
import { appendAudit } from "./audit.ts";
import type { Database, Transaction } from "./database.ts";

export interface Actor {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly memberships: readonly Membership[];
}

export interface SignInRow {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly sessionVersion: number;
  readonly isDisabled: boolean;
}

const normaliseEmail = (email: string) => email.trim().toLowerCase();

export async function findSignIn(db: Database, email: string): Promise<SignInRow | undefined> {
  const user = await db.user.findUnique({ where: { email: normaliseEmail(email) } });
  if (user === null) return undefined;
  return {
    userId: user.id,
    name: user.name,
    email: user.email,
    passwordHash: user.passwordHash,
    sessionVersion: user.sessionVersion,
    isDisabled: user.disabledAt !== null,
  };
}

/** The person behind a session, or undefined where the session was revoked or the person disabled. */
export async function findActor(
  db: Database,
  session: { userId: string; sessionVersion: number },
): Promise<Actor | undefined> {
  const user = await db.user.findFirst({
    where: { id: session.userId, sessionVersion: session.sessionVersion, disabledAt: null },
    select: {
      id: true,
      name: true,
      email: true,
      memberships: { select: { role: true, siteId: true } },
    },
  });
  if (user === null) return undefined;
  return { userId: user.id, name: user.name, email: user.email, memberships: user.memberships };
}

/** The oldest enabled administrator of the platform. */
export async function findPlatformAdmin(db: Database): Promise<{ userId: string } | undefined> {
  const admin = await db.user.findFirst({
    where: { disabledAt: null, memberships: { some: { role: "admin", siteId: null } } },
    orderBy: { createdAt: "asc" },
    select: { id: true },
  });
  return admin === null ? undefined : { userId: admin.id };
}

export interface DemoAccount {
  readonly email: string;
  readonly name: string;
  readonly roles: readonly { role: Role; siteName: string | null }[];
}

export async function listDemoAccounts(db: Database): Promise<DemoAccount[]> {
  const users = await db.user.findMany({
    where: { isDemo: true, disabledAt: null },
    orderBy: { email: "asc" },
    select: {
      email: true,
      name: true,
      memberships: { select: { role: true, site: { select: { name: true } } } },
    },
  });
  return users.map((user) => ({
    email: user.email,
    name: user.name,
    roles: user.memberships.map(({ role, site }) => ({ role, siteName: site?.name ?? null })),
  }));
}

export interface UserRow {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly isDemo: boolean;
  readonly disabledAt: Date | null;
  readonly createdAt: Date;
  readonly memberships: readonly Membership[];
}

const userSelect = {
  id: true,
  email: true,
  name: true,
  isDemo: true,
  disabledAt: true,
  createdAt: true,
  memberships: { select: { role: true, siteId: true }, orderBy: { role: "asc" } },
} as const;

export async function listUsers(db: Database): Promise<UserRow[]> {
  const users = await db.user.findMany({ orderBy: { name: "asc" }, select: userSelect });
  return users.map(({ id, ...user }) => ({ userId: id, ...user }));
}

export interface NewUser {
  /** Null for the first administrator, whom nobody can have created. */
  readonly actorId: string | null;
  readonly email: string;
  readonly name: string;
  readonly passwordHash: string;
  readonly memberships: readonly Membership[];
}

export async function createUser(db: Database, user: NewUser): Promise<{ userId: string }> {
  assertMemberships(user.memberships);
  const email = normaliseEmail(user.email);
  return db.$transaction(async (tx) => {
    if ((await tx.user.count({ where: { email } })) > 0) {
      throw new DomainError("conflict", "A user with this e-mail address exists already.");
    }
    const created = await tx.user.create({
      data: {
        email,
        name: user.name,
        passwordHash: user.passwordHash,
        memberships: { create: user.memberships.map(({ role, siteId }) => ({ role, siteId })) },
      },
    });
    await appendAudit(tx, {
      actorId: user.actorId,
      siteId: null,
      action: "people.create",
      entityKind: "user",
      entityId: created.id,
      details: { memberships: user.memberships.map(({ role, siteId }) => ({ role, siteId })) },
    });
    return { userId: created.id };
  });
}

/** Replaces all roles of a user. */
export async function setMemberships(
  db: Database,
  change: { actorId: string; userId: string; memberships: readonly Membership[] },
): Promise<void> {
  assertMemberships(change.memberships);
  await db.$transaction(async (tx) => {
    await lockPlatformAdmins(tx);
    const before = await tx.membership.findMany({
      where: { userId: change.userId },
      select: { role: true, siteId: true },
    });
    await tx.membership.deleteMany({ where: { userId: change.userId } });
    await tx.membership.createMany({
      data: change.memberships.map(({ role, siteId }) => ({ userId: change.userId, role, siteId })),
    });
    await assertPlatformAdminLeft(tx);
    await appendAudit(tx, {
      actorId: change.actorId,
      siteId: null,
      action: "people.set-roles",
      entityKind: "user",
      entityId: change.userId,
      details: { before, after: change.memberships.map(({ role, siteId }) => ({ role, siteId })) },
    });
  });
}

export async function setDisabled(
  db: Database,
  change: { actorId: string; userId: string; isDisabled: boolean },
): Promise<void> {
  if (change.isDisabled && change.actorId === change.userId) {
    throw new DomainError("conflict", "You cannot disable your own account.");
  }
  await db.$transaction(async (tx) => {
    await lockPlatformAdmins(tx);
    await tx.user.update({
      where: { id: change.userId },
      data: {
        disabledAt: change.isDisabled ? new Date() : null,
        ...(change.isDisabled ? { sessionVersion: { increment: 1 } } : {}),
      },
    });
    await assertPlatformAdminLeft(tx);
    await appendAudit(tx, {
      actorId: change.actorId,
      siteId: null,
      action: change.isDisabled ? "people.disable" : "people.enable",
      entityKind: "user",
      entityId: change.userId,
      details: {},
    });
  });
}

/** Ends every session of the user at its next request. */
export async function revokeSessions(
  db: Database,
  change: { actorId: string; userId: string },
): Promise<void> {
  await db.$transaction(async (tx) => {
    await tx.user.update({ where: { id: change.userId }, data: { sessionVersion: { increment: 1 } } });
    await appendAudit(tx, {
      actorId: change.actorId,
      siteId: null,
      action: "people.revoke-sessions",
      entityKind: "user",
      entityId: change.userId,
      details: {},
    });
  });
}

function assertMemberships(memberships: readonly Membership[]): void {
  const seen = new Set<string>();
  for (const { role, siteId } of memberships) {
    if (siteId === null && role !== "admin" && role !== "auditor") {
      throw new DomainError(
        "usage",
        `The role ${role} needs a site; only admin and auditor may be platform-wide.`,
      );
    }
    const key = `${role} ${siteId ?? "platform"}`;
    if (seen.has(key)) throw new DomainError("usage", `The role ${role} is given twice for the same site.`);
    seen.add(key);
  }
}

const platformAdminsLock = 7_243_093;

/** Two who take each other's role at once would each count the other one. */
async function lockPlatformAdmins(tx: Pick<Transaction, "$executeRaw">): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(${platformAdminsLock})`;
}

async function assertPlatformAdminLeft(tx: Pick<Database, "user">): Promise<void> {
  const admins = await tx.user.count({
    where: { disabledAt: null, memberships: { some: { role: "admin", siteId: null } } },
  });
  if (admins === 0) {
    throw new DomainError(
      "conflict",
      "The platform needs one enabled platform administrator; this is the last.",
    );
  }
}
