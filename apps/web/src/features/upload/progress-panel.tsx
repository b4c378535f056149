"use client";

import Link from "next/link";
import { Button } from "../../components/button.tsx";
import { bytes, count, duration } from "../../components/format.ts";
import { Panel } from "../../components/page-header.tsx";
import { ProgressBar } from "../../components/progress-bar.tsx";
import type { Outputs } from "../../trpc/client.ts";
import type { UploadSnapshot } from "./upload-state.ts";

/** How far the upload is, how fast, and what can be done about it. */
export function ProgressPanel(props: {
  snapshot: UploadSnapshot;
  upload: Outputs["uploads"]["load"] | undefined;
  onPause: () => void;
  onContinue: () => void;
  onRetry: () => void;
  onCancel: () => void;
  onNew: () => void;
}) {
  const { snapshot, upload } = props;
  const { counts, phase } = snapshot;
  const isMoving = phase === "running" && snapshot.delay === undefined;
  const share = snapshot.totalBytes === 0 ? 1 : snapshot.doneBytes / snapshot.totalBytes;
  const left =
    snapshot.bytesPerSecond === undefined || snapshot.bytesPerSecond < 1
      ? undefined
      : (snapshot.totalBytes - snapshot.doneBytes) / snapshot.bytesPerSecond;
  const arrived = counts.sent + counts.known + counts.duplicate;
  const read =
    upload === undefined
      ? 0
      : upload.counts.accepted + upload.counts.known + upload.counts.refused + upload.counts.held;
  const onServer = upload === undefined ? 0 : read + upload.counts.staged;
  return (
    <Panel className="mb-4 flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div>
          <p role="status" className="font-medium">
            {headline(snapshot)}
          </p>
          <p className="text-sm text-slate-600">
            {count(arrived)} of {count(snapshot.items.length - counts.skipped)} files ·{" "}
            {bytes(snapshot.doneBytes)} of {bytes(snapshot.totalBytes)}
            {isMoving && snapshot.bytesPerSecond !== undefined
              ? ` · ${bytes(snapshot.bytesPerSecond)}/s`
              : null}
            {isMoving && left !== undefined ? ` · about ${duration(left * 1_000)} left` : null}
          </p>
        </div>
        <div className="flex gap-2">
          {phase === "running" ? <Button onClick={props.onPause}>Pause</Button> : null}
          {phase === "paused" && counts.failed > 0 ? (
            <Button onClick={props.onRetry}>Try {count(counts.failed)} failed again</Button>
          ) : null}
          {phase === "paused" && counts.waiting > 0 ? (
            <Button emphasis="primary" onClick={props.onContinue}>
              Continue
            </Button>
          ) : null}
          {phase === "running" || phase === "paused" ? (
            <Button emphasis="danger" onClick={props.onCancel}>
              Cancel
            </Button>
          ) : (
            <Button onClick={props.onNew}>Upload more</Button>
          )}
        </div>
      </div>
      <ProgressBar value={share} label="Sent" />
      {snapshot.delay === undefined ? null : (
        <p role="alert" className="rounded-md bg-warning-soft px-3 py-2 text-sm text-warning-ink">
          {snapshot.delay.kind === "network"
            ? "The connection is lost. Nothing is: sending goes on by itself as soon as it is back."
            : "The server is still reading what came before. Sending goes on by itself when there is room."}
        </p>
      )}
      {snapshot.problem === undefined ? null : (
        <p role="alert" className="rounded-md bg-failure-soft px-3 py-2 text-sm text-failure-ink">
          {snapshot.problem}
        </p>
      )}
      {upload === undefined || onServer === 0 ? null : (
        <div className="flex flex-col gap-1.5 border-t border-slate-200 pt-3">
          <p className="text-sm">
            <span className="font-medium">
              {upload.state === "finished" ? "Read by the server" : "Being read by the server"}
            </span>
            <span className="text-slate-600">
              : {count(read)} of {count(onServer)} · {count(upload.counts.accepted)} accepted ·{" "}
              {count(upload.counts.known)} known already ·{" "}
              {upload.counts.refused === 0 ? (
                "0 refused"
              ) : (
                <Link
                  href={`/studies/refused?upload=${upload.uploadId}`}
                  className="text-accent-700 underline"
                >
                  {count(upload.counts.refused)} refused
                </Link>
              )}
              {upload.counts.held === 0 ? null : (
                <>
                  {" · "}
                  <Link
                    href={`/studies/refused?upload=${upload.uploadId}`}
                    className="text-accent-700 underline"
                  >
                    {count(upload.counts.held)} to decide
                  </Link>
                </>
              )}
            </span>
          </p>
          <ProgressBar value={read / Math.max(1, onServer)} label="Read" colour="var(--color-slate-500)" />
        </div>
      )}
    </Panel>
  );
}

function headline({ counts, phase }: UploadSnapshot): string {
  switch (phase) {
    case "running":
      return "Sending";
    case "done":
      return counts.refused + counts.skipped === 0
        ? "All files are sent"
        : `All files that can be are sent; ${count(counts.refused + counts.skipped)} stayed here`;
    case "cancelled":
      return "Cancelled";
    case "paused":
    case "empty":
    case "looking":
    case "ready":
      if (counts.waiting > 0) return "Paused";
      return counts.held > 0 ? "Some files wait for your decision" : "Some files could not be sent";
  }
}
