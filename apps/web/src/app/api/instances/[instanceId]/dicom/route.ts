import { answerInstance } from "../../../../../features/viewer/image-answers.ts";
import { answering } from "../../../../../server/route-answer.ts";
import { createRouteContext } from "../../../../../server/route-context.ts";

export async function GET(_request: Request, context: { params: Promise<{ instanceId: string }> }) {
  const { instanceId } = await context.params;
  return answering(async () => answerInstance(await createRouteContext(), instanceId));
}
