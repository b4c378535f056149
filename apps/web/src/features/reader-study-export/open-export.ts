import { DomainError } from "@crossread/contracts/errors";
import { openReaderStudyExport } from "@crossread/db/reader-study-export";
import { z } from "zod";
import { admit, type RouteContext } from "../../server/route-answer.ts";

/** Whoever may see a closed study's results may export it, in one of the formats that there are. */
export async function openExport<const TFormat extends string>(
  given: RouteContext,
  readerStudyId: string,
  request: {
    readonly query: URLSearchParams;
    readonly formats: readonly TFormat[];
    /** The sentence for somebody who asks for another one. */
    readonly usage: string;
  },
) {
  const { actor, context, scope } = admit(given, "readerStudies.results");
  const parsed = z
    .strictObject({ format: z.enum(request.formats) })
    .safeParse(Object.fromEntries(request.query));
  if (!parsed.success) throw new DomainError("usage", request.usage);
  if (!z.uuid().safeParse(readerStudyId).success) {
    throw new DomainError("not-found", "There is no such reader study.");
  }
  const caller = { userId: actor.userId, scope };
  const study = await openReaderStudyExport(context.db, readerStudyId, caller);
  return { caller, context, format: parsed.data.format, study };
}
