import { findReceipt } from "@crossread/db/deidentification-receipts";
import { DomainError } from "@crossread/contracts/errors";
import { z } from "zod";
import { admit, answering } from "../../../../../server/route-answer.ts";
import { createRouteContext } from "../../../../../server/route-context.ts";

interface Params {
  readonly params: Promise<{ readonly studyId: string }>;
}

/** The signed receipt as a file, for `crossread verify-receipt`. */
export function GET(_request: Request, { params }: Params): Promise<Response> {
  return answering(async () => {
    const { context, scope } = admit(await createRouteContext(), "deidentification.receipt");
    const { studyId } = await params;
    const missing = new DomainError("not-found", "There is no receipt for that study.");
    if (!z.uuid().safeParse(studyId).success) throw missing;
    const signed = await findReceipt(context.db, scope, studyId);
    if (signed === undefined) throw missing;
    return Response.json(signed, {
      headers: {
        "content-disposition": `attachment; filename="receipt-${signed.receipt.studyInstanceUid}.json"`,
        "cache-control": "private, no-store",
      },
    });
  });
}
