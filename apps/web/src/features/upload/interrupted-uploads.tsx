"use client";

import { useQuery } from "@tanstack/react-query";
import { Button } from "../../components/button.tsx";
import { count, dateTime } from "../../components/format.ts";
import { Panel } from "../../components/page-header.tsx";
import type { JournalSession } from "./journal.ts";
import { useUploadTools } from "./upload-world.ts";

/** Uploads of this browser that stopped before their end. */
export function InterruptedUploads(props: {
  sites: readonly { readonly siteId: string; readonly name: string }[];
  onContinue: (session: JournalSession) => void;
}) {
  const { journal } = useUploadTools();
  const query = useQuery({
    queryKey: ["interrupted-uploads"],
    queryFn: async () => {
      const opened = await journal;
      const sessions = (await opened?.sessions()) ?? [];
      return Promise.all(
        sessions.map(async (session) => ({
          ...session,
          sentCount: (await opened?.sentFiles(session.uploadId))?.size ?? 0,
        })),
      );
    },
    staleTime: 0,
    gcTime: 0,
  });
  const own = (query.data ?? []).filter(({ siteId }) => props.sites.some((site) => site.siteId === siteId));
  return own.map((session) => (
    <Panel key={session.uploadId} className="mb-4 flex flex-wrap items-center justify-between gap-3">
      <div>
        <p className="font-medium">An upload was interrupted</p>
        <p className="text-sm text-slate-600">
          {props.sites.find(({ siteId }) => siteId === session.siteId)?.name},{" "}
          {dateTime(new Date(session.updatedMs))}: {count(session.fileCount)} files,{" "}
          {count(session.sentCount)} of them sent.
        </p>
      </div>
      <div className="flex gap-2">
        <Button emphasis="primary" onClick={() => props.onContinue(session)}>
          Continue
        </Button>
        <Button
          onClick={() => {
            void journal.then((one) => one?.forget(session.uploadId)).then(() => query.refetch());
          }}
        >
          Forget it
        </Button>
      </div>
    </Panel>
  ));
}
