"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { UploadFileState } from "@crossread/contracts/upload";
import { useTRPC, useTRPCClient, type Outputs } from "../../trpc/client.ts";

export interface ServerOutcome {
  readonly state: UploadFileState;
  readonly message: string | null;
}

const none: ReadonlyMap<string, ServerOutcome> = new Map();

/** What the server made of the files, by digest; asked for while something is going on. */
export function useOutcomes(
  uploadId: string,
  isAsked: boolean,
): {
  upload: Outputs["uploads"]["load"] | undefined;
  outcomes: ReadonlyMap<string, ServerOutcome>;
} {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const upload = useQuery(
    trpc.uploads.load.queryOptions({ uploadId }, { enabled: isAsked, refetchInterval: 2_000, retry: false }),
  ).data;
  const counts = upload?.counts;
  const outcomes = useQuery({
    queryKey: ["upload-outcomes", uploadId, counts],
    enabled: isAsked && counts !== undefined,
    placeholderData: keepPreviousData,
    queryFn: async (): Promise<ReadonlyMap<string, ServerOutcome>> => {
      const found = new Map<string, ServerOutcome>();
      for (let page = 0; ; page += 1) {
        const { pageSize, rows, totalCount } = await client.uploads.files.query({ uploadId, page });
        for (const { message, sha256, state } of rows)
          if (sha256 !== null) found.set(sha256, { state, message });
        if ((page + 1) * pageSize >= totalCount) return found;
      }
    },
  }).data;
  return { upload, outcomes: outcomes ?? none };
}
