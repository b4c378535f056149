"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useRef, useState, type DragEvent } from "react";
import { Badge, type Tone } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { FormField, Select } from "../../components/form-field.tsx";
import { bytes, count } from "../../components/format.ts";
import { PageHeader } from "../../components/page-header.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { filesOfDrop } from "./dropped-files.ts";
import { sendFiles, type UploadFile, type UploadFileState } from "./upload-queue.ts";

const tones: Readonly<Record<UploadFileState["kind"], Tone>> = {
  waiting: "neutral",
  sending: "active",
  sent: "done",
  failed: "failure",
};

const parallelUploads = 3;

export function UploadPage() {
  const trpc = useTRPC();
  const sites = useQuery(trpc.sites.list.queryOptions());
  const me = useQuery(trpc.session.me.queryOptions());
  const finish = useMutation(trpc.studies.finishUpload.mutationOptions());
  const [siteId, setSiteId] = useState<string>();
  const [files, setFiles] = useState<readonly UploadFile[]>([]);
  const [uploadId, setUploadId] = useState(() => crypto.randomUUID());
  const [isSending, setIsSending] = useState(false);
  const [isOver, setIsOver] = useState(false);
  const picker = useRef<HTMLInputElement>(null);

  const memberships = me.data?.memberships ?? [];
  const keeps = (id: string) =>
    memberships.some(
      (held) =>
        (held.role === "coordinator" || held.role === "admin") &&
        (held.siteId === null || held.siteId === id),
    );
  const ownSites = (sites.data ?? []).filter((site) => keeps(site.siteId));
  const target = siteId ?? ownSites[0]?.siteId;

  function add(added: readonly File[]) {
    setFiles((known) => [
      ...known,
      ...added.map((file) => ({ fileId: crypto.randomUUID(), file, state: { kind: "waiting" as const } })),
    ]);
  }

  async function drop(event: DragEvent) {
    event.preventDefault();
    setIsOver(false);
    add(await filesOfDrop(event.dataTransfer));
  }

  async function start() {
    if (target === undefined) return;
    setIsSending(true);
    finish.reset();
    const { sentCount } = await sendFiles({
      files,
      parallel: parallelUploads,
      onState: (fileId, state) =>
        setFiles((known) => known.map((file) => (file.fileId === fileId ? { ...file, state } : file))),
      async send({ fileId, file }) {
        const answer = await fetch(`/api/uploads/${target}/${uploadId}/${fileId}`, {
          method: "PUT",
          body: file,
        });
        if (!answer.ok) throw new Error(await refusalOf(answer));
      },
    });
    if (sentCount > 0) await finish.mutateAsync({ siteId: target, uploadId }).catch(() => undefined);
    setIsSending(false);
  }

  const openCount = files.filter((file) => file.state.kind !== "sent").length;
  const total = files.reduce((sum, { file }) => sum + file.size, 0);
  return (
    <>
      <PageHeader
        title="Upload"
        lead="DICOM files whose identity was removed. Each file is checked on arrival; what is refused is listed with its reason and can be sent again."
        back={
          <Link href="/studies" className="text-sm text-accent-700 hover:underline">
            Studies
          </Link>
        }
      />
      <div className="mb-4 max-w-xs">
        <FormField label="Site">
          {(control) => (
            <Select
              {...control}
              value={target ?? ""}
              disabled={isSending}
              onChange={(event) => {
                setSiteId(event.target.value);
                setUploadId(crypto.randomUUID());
              }}
            >
              {ownSites.map((site) => (
                <option key={site.siteId} value={site.siteId}>
                  {site.name}
                </option>
              ))}
            </Select>
          )}
        </FormField>
      </div>
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={(event) => void drop(event)}
        className={`mb-4 flex flex-col items-center gap-3 rounded-lg border-2 border-dashed px-6 py-10 text-center ${isOver ? "border-accent-500 bg-accent-50" : "border-slate-300 bg-white"}`}
      >
        <p className="font-medium">Drop files or folders here</p>
        <p className="text-sm text-slate-600">Names of files stay in this browser. At most 160 MiB a file.</p>
        <input
          ref={picker}
          type="file"
          multiple
          className="sr-only"
          aria-label="Files to upload"
          onChange={(event) => {
            add([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
        <Button onClick={() => picker.current?.click()} disabled={isSending}>
          Choose files
        </Button>
      </div>
      {files.length === 0 ? null : (
        <>
          <div className="mb-3 flex items-center gap-3">
            <Button
              emphasis="primary"
              disabled={isSending || openCount === 0 || target === undefined}
              onClick={() => void start()}
            >
              {isSending ? "Sending…" : `Send ${count(openCount)} ${openCount === 1 ? "file" : "files"}`}
            </Button>
            <Button disabled={isSending} onClick={() => setFiles([])}>
              Clear the list
            </Button>
            <p role="status" className="text-sm text-slate-600">
              {count(files.length - openCount)} of {count(files.length)} sent, {bytes(total)} in all
            </p>
          </div>
          {finish.isSuccess ? (
            <p className="mb-3 text-sm text-slate-700">
              Handed over. The progress is in the job tray; look at{" "}
              <Link href="/studies/refused" className="text-accent-700 underline">
                refused files
              </Link>{" "}
              afterwards.
            </p>
          ) : null}
          {finish.error === null ? null : (
            <p role="alert" className="mb-3 text-sm text-failure-ink">
              The files are stored, but could not be handed over: {finish.error.message}
            </p>
          )}
          <Table label="Files of this upload" maxHeight="50vh">
            <thead>
              <tr>
                <Head>File</Head>
                <Head isNumeric>Size</Head>
                <Head>State</Head>
              </tr>
            </thead>
            <tbody>
              {files.map(({ fileId, file, state }) => (
                <Row key={fileId}>
                  <Cell className="max-w-md truncate">{file.name}</Cell>
                  <Cell isNumeric>{bytes(file.size)}</Cell>
                  <Cell>
                    <Badge tone={tones[state.kind]}>{state.kind}</Badge>{" "}
                    {state.kind === "failed" ? state.message : null}
                  </Cell>
                </Row>
              ))}
            </tbody>
          </Table>
        </>
      )}
    </>
  );
}

async function refusalOf(answer: Response): Promise<string> {
  const body: unknown = await answer.json().catch(() => undefined);
  const isNamed = typeof body === "object" && body !== null && "message" in body;
  return isNamed && typeof body.message === "string" ? body.message : `The server answered ${answer.status}.`;
}
