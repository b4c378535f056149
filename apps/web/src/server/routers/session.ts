import { procedure, router } from "../trpc.ts";

export const sessionRouter = router({
  me: procedure("session.me").query(({ ctx }) => ctx.actor),
});
