import { isDatabaseReachable } from "@crossread/db/background-jobs";
import { database } from "../../../server/services.ts";

export const dynamic = "force-dynamic";

export async function GET(): Promise<Response> {
  const isReachable = await isDatabaseReachable(database());
  return Response.json(
    { status: isReachable ? "ok" : "database-unreachable" },
    { status: isReachable ? 200 : 503 },
  );
}
