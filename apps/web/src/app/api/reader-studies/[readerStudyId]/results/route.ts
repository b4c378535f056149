import { exportResults } from "../../../../../features/reader-study-export/export-results.ts";
import { answering } from "../../../../../server/route-answer.ts";
import { createRouteContext } from "../../../../../server/route-context.ts";

interface Params {
  readonly params: Promise<{ readonly readerStudyId: string }>;
}

export function GET(request: Request, { params }: Params): Promise<Response> {
  return answering(async () => {
    const { readerStudyId } = await params;
    return exportResults(await createRouteContext(), readerStudyId, new URL(request.url).searchParams);
  });
}
