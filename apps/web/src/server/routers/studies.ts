import {
  studyCursorSchema,
  studyFilterSchema,
  studySortSchema,
  tagSchema,
} from "@crossread/contracts/study-browser";
import { listStudies } from "@crossread/db/studies";
import { loadStudy } from "@crossread/db/study-detail";
import { countStudyFacets } from "@crossread/db/study-facets";
import { changeStudyTags } from "@crossread/db/study-tags";
import { z } from "zod";
import { procedure, router } from "../trpc.ts";

const pageSize = 48;

export const studiesRouter = router({
  list: procedure("studies.list")
    .input(
      z.strictObject({
        filter: studyFilterSchema,
        sort: studySortSchema.default("received-newest"),
        from: z.strictObject({ side: z.enum(["after", "before"]), cursor: studyCursorSchema }).optional(),
      }),
    )
    .query(({ ctx, input }) =>
      listStudies(ctx.db, {
        ...input,
        viewer: { userId: ctx.actor.userId, scope: ctx.scope },
        pageSize,
      }),
    ),
  facets: procedure("studies.facets")
    .input(z.strictObject({ filter: studyFilterSchema }))
    .query(({ ctx, input }) =>
      countStudyFacets(ctx.db, { userId: ctx.actor.userId, scope: ctx.scope }, input.filter),
    ),
  changeTags: procedure("studies.changeTags")
    .input(
      z.strictObject({
        studyIds: z.array(z.uuid()).min(1).max(500),
        add: z.array(tagSchema).max(20),
        remove: z.array(tagSchema).max(20),
      }),
    )
    .mutation(({ ctx, input }) =>
      changeStudyTags(ctx.db, {
        ...input,
        viewer: { userId: ctx.actor.userId, scope: ctx.scope },
        now: new Date(),
      }),
    ),
  load: procedure("studies.load")
    .input(z.strictObject({ studyId: z.uuid() }))
    .query(({ ctx, input }) =>
      loadStudy(ctx.db, { userId: ctx.actor.userId, scope: ctx.scope }, input.studyId),
    ),
});
