import { env } from "../../../../../../../env.ts";
import {
  answerFileState,
  receiveChunk,
  type FileRequest,
} from "../../../../../../../features/upload/receive-chunk.ts";
import { answering } from "../../../../../../../server/route-answer.ts";
import { createRouteContext } from "../../../../../../../server/route-context.ts";

interface Place {
  readonly params: Promise<FileRequest["place"]>;
}

const fileRequest = async (request: Request, { params }: Place): Promise<FileRequest> => ({
  place: await params,
  query: new URL(request.url).searchParams,
  stagedBytesLimit: env().CROSSREAD_UPLOAD_STAGED_GIB * 2 ** 30,
  now: new Date(),
});

export async function GET(request: Request, place: Place): Promise<Response> {
  return answering(async () =>
    answerFileState(await createRouteContext(), await fileRequest(request, place)),
  );
}

export async function PUT(request: Request, place: Place): Promise<Response> {
  return answering(async () =>
    receiveChunk(await createRouteContext(), { ...(await fileRequest(request, place)), body: request.body }),
  );
}
