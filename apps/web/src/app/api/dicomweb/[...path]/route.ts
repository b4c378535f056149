import { handleDicomWeb } from "../../../../server/dicomweb/handle-dicomweb.ts";
import { dicomWebServices } from "../../../../server/dicomweb/open-services.ts";

interface Context {
  readonly params: Promise<{ path: string[] }>;
}

async function handle(request: Request, { params }: Context): Promise<Response> {
  const { path } = await params;
  return handleDicomWeb(request, path.join("/"), dicomWebServices());
}

export const GET = handle;
export const POST = handle;
