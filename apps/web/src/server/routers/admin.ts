import { membershipSchema } from "@crossread/contracts/role";
import { listJobs, listWorkerNodes, loadStorageUse } from "@crossread/db/background-jobs";
import { createUser, listUsers, revokeSessions, setDisabled, setMemberships } from "@crossread/db/people";
import { z } from "zod";
import { hashPassword } from "../password.ts";
import { procedure, router } from "../trpc.ts";

const userIdSchema = z.strictObject({ userId: z.uuid() });
const membershipsSchema = z.array(membershipSchema).max(200);

export const adminRouter = router({
  users: procedure("admin.users").query(({ ctx }) => listUsers(ctx.db)),
  createUser: procedure("admin.createUser")
    .input(
      z.strictObject({
        email: z.email().max(320),
        name: z.string().trim().min(1).max(120),
        password: z.string().min(12, "A password needs at least 12 characters.").max(1_000),
        memberships: membershipsSchema,
      }),
    )
    .mutation(async ({ ctx, input: { password, ...user } }) =>
      createUser(ctx.db, {
        ...user,
        passwordHash: await hashPassword(password),
        actorId: ctx.actor.userId,
      }),
    ),
  setRoles: procedure("admin.setRoles")
    .input(userIdSchema.extend({ memberships: membershipsSchema }))
    .mutation(({ ctx, input }) => setMemberships(ctx.db, { ...input, actorId: ctx.actor.userId })),
  setDisabled: procedure("admin.setDisabled")
    .input(userIdSchema.extend({ isDisabled: z.boolean() }))
    .mutation(({ ctx, input }) => setDisabled(ctx.db, { ...input, actorId: ctx.actor.userId })),
  revokeSessions: procedure("admin.revokeSessions")
    .input(userIdSchema)
    .mutation(({ ctx, input }) => revokeSessions(ctx.db, { ...input, actorId: ctx.actor.userId })),
  jobs: procedure("admin.jobs")
    .input(z.strictObject({ offset: z.int().min(0) }))
    .query(({ ctx, input }) => listJobs(ctx.db, { ...input, scope: ctx.scope, pageSize: 50 })),
  operations: procedure("admin.operations").query(async ({ ctx }) => {
    const [workers, storage] = await Promise.all([
      listWorkerNodes(ctx.db, new Date()),
      loadStorageUse(ctx.db),
    ]);
    return { workers, storage };
  }),
});
