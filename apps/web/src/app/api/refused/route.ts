import { exportRefusedFiles } from "../../../features/quarantine/export-refused-files.ts";
import { answering } from "../../../server/route-answer.ts";
import { createRouteContext } from "../../../server/route-context.ts";

export async function GET(request: Request): Promise<Response> {
  return answering(async () =>
    exportRefusedFiles(await createRouteContext(), new URL(request.url).searchParams),
  );
}
