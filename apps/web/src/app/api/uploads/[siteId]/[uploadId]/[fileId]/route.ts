import { receiveFile, type ReceivedFile } from "../../../../../../features/studies/receive-file.ts";
import { answering } from "../../../../../../server/route-answer.ts";
import { createRouteContext } from "../../../../../../server/route-context.ts";

export async function PUT(
  request: Request,
  context: { params: Promise<ReceivedFile["destination"]> },
): Promise<Response> {
  const declared = request.headers.get("content-length");
  return answering(async () =>
    receiveFile(await createRouteContext(), {
      destination: await context.params,
      body: request.body,
      declaredBytes: declared === null ? undefined : Number(declared),
    }),
  );
}
