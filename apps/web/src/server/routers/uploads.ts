import { uploadFileStateSchema, uploadLimits } from "@crossread/contracts/upload";
import { DomainError } from "@crossread/contracts/errors";
import { assertInScope } from "@crossread/db/site-scope";
import { findUpload, listUploadFiles, listUploads } from "@crossread/db/upload-list";
import { cancelUpload, finishSending, openUpload } from "@crossread/db/uploads";
import { z } from "zod";
import { procedure, router } from "../trpc.ts";

const pageSize = 20;
const filePageSize = 500;
const placeSchema = z.strictObject({ siteId: z.uuid(), uploadId: z.uuid() });

export const uploadsRouter = router({
  /** Begins an upload or goes on with one; the files follow over /api/uploads. */
  open: procedure("uploads.open")
    .input(
      placeSchema.extend({
        profile: z.string().min(1).max(200),
        fileCount: z.int().min(0).max(uploadLimits.filesPerUpload),
        totalBytes: z.int().min(0),
      }),
    )
    .mutation(({ ctx, input }) => {
      assertInScope(ctx.scope, input.siteId);
      return openUpload(ctx.db, {
        uploadId: input.uploadId,
        siteId: input.siteId,
        actorId: ctx.actor.userId,
        source: "browser",
        profile: input.profile,
        announcedFiles: input.fileCount,
        announcedBytes: input.totalBytes,
        now: new Date(),
      });
    }),
  /** Lets the worker begin with what is there while the rest is being sent. */
  ingest: procedure("uploads.ingest")
    .input(placeSchema)
    .mutation(async ({ ctx, input }) => {
      assertInScope(ctx.scope, input.siteId);
      await (await ctx.queue()).enqueue("ingest-upload", input);
    }),
  finish: procedure("uploads.finish")
    .input(placeSchema)
    .mutation(async ({ ctx, input }) => {
      assertInScope(ctx.scope, input.siteId);
      await finishSending(ctx.db, { ...input, actorId: ctx.actor.userId, now: new Date() });
      await (await ctx.queue()).enqueue("ingest-upload", input);
    }),
  cancel: procedure("uploads.cancel")
    .input(placeSchema)
    .mutation(async ({ ctx, input }) => {
      assertInScope(ctx.scope, input.siteId);
      await cancelUpload(ctx.db, { ...input, actorId: ctx.actor.userId, now: new Date() });
      await (await ctx.queue()).enqueue("ingest-upload", input);
    }),
  list: procedure("uploads.list")
    .input(z.strictObject({ siteId: z.uuid().optional(), page: z.int().min(0).max(100_000).default(0) }))
    .query(({ ctx, input }) =>
      listUploads(ctx.db, {
        scope: ctx.scope,
        siteId: input.siteId,
        offset: input.page * pageSize,
        pageSize,
      }).then((page) => ({ ...page, pageSize })),
    ),
  load: procedure("uploads.load")
    .input(z.strictObject({ uploadId: z.uuid() }))
    .query(async ({ ctx, input }) => {
      const upload = await findUpload(ctx.db, ctx.scope, input.uploadId);
      if (upload !== undefined) return upload;
      throw new DomainError("not-found", `There is no upload ${input.uploadId}.`);
    }),
  files: procedure("uploads.files")
    .input(
      z.strictObject({
        uploadId: z.uuid(),
        state: uploadFileStateSchema.optional(),
        page: z.int().min(0).max(100_000).default(0),
      }),
    )
    .query(({ ctx, input }) =>
      listUploadFiles(ctx.db, {
        scope: ctx.scope,
        uploadId: input.uploadId,
        state: input.state,
        offset: input.page * filePageSize,
        pageSize: filePageSize,
      }).then((page) => ({ ...page, pageSize: filePageSize })),
    ),
});
