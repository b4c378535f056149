import { answerHeldPreview } from "../../../../features/quarantine/held-preview.ts";
import { answering } from "../../../../server/route-answer.ts";
import { createRouteContext } from "../../../../server/route-context.ts";

export async function GET(_request: Request, context: { params: Promise<{ refusedFileId: string }> }) {
  const { refusedFileId } = await context.params;
  return answering(async () => answerHeldPreview(await createRouteContext(), refusedFileId));
}
