import { answerMap } from "../../../../features/viewer/image-answers.ts";
import { answering } from "../../../../server/route-answer.ts";
import { createRouteContext } from "../../../../server/route-context.ts";

export async function GET(_request: Request, context: { params: Promise<{ mapId: string }> }) {
  const { mapId } = await context.params;
  return answering(async () => answerMap(await createRouteContext(), mapId));
}
