"use client";

import { useQuery } from "@tanstack/react-query";
import { useState, useSyncExternalStore } from "react";
import { BackLink } from "../../components/back-link.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { FormField, Select } from "../../components/form-field.tsx";
import { bytes, count } from "../../components/format.ts";
import { PageHeader, Section } from "../../components/page-header.tsx";
import { useTRPC, useTRPCClient } from "../../trpc/client.ts";
import { useSelectedSite } from "../shell/selected-site.ts";
import { DropZone } from "./drop-zone.tsx";
import { filesOfHandles } from "./dropped-files.ts";
import { FileList } from "./file-list.tsx";
import { InterruptedUploads } from "./interrupted-uploads.tsx";
import type { JournalSession } from "./journal.ts";
import { ProgressPanel } from "./progress-panel.tsx";
import { RemovalPreview } from "./removal-preview.tsx";
import { StudyTable } from "./study-table.tsx";
import { studiesOf } from "./study-summary.ts";
import { TextReview } from "./text-review.tsx";
import { UploadHistory } from "./upload-history.tsx";
import { useLeaveWarning } from "./use-leave-warning.ts";
import { useOutcomes } from "./use-outcomes.ts";
import { useUploadTools } from "./upload-world.ts";

const profiles = [
  {
    name: "crossread-mammography",
    label: "Mammography",
    help: "Keeps what reading and the model need: age, dates moved alike for each patient, device.",
  },
  {
    name: "basic",
    label: "Basic, strictest",
    help: "The Basic Profile of DICOM PS3.15 without options: no age, no dates, no device.",
  },
] as const;

export function UploadPage() {
  const trpc = useTRPC();
  const { session } = useUploadTools();
  const snapshot = useSyncExternalStore(session.subscribe, session.snapshot, session.snapshot);
  const me = useQuery(trpc.session.me.queryOptions());
  const sites = useQuery(trpc.sites.list.queryOptions());
  const selected = useSelectedSite();
  const [chosenSite, setChosenSite] = useState<string>();
  const [profile, setProfile] = useState<string>(profiles[0].name);
  const [shownKey, setShownKey] = useState<string>();
  const [reviewedId, setReviewedId] = useState<number>();
  const [isCancelling, setIsCancelling] = useState(false);
  const [asksForFolder, setAsksForFolder] = useState(false);

  const memberships = me.data?.memberships ?? [];
  const ownSites = (sites.data ?? []).filter(({ siteId }) =>
    memberships.some((held) => held.role === "coordinator" && held.siteId === siteId),
  );
  const siteId = [chosenSite, selected?.siteId, ownSites[0]?.siteId].find((id) =>
    ownSites.some((site) => site.siteId === id),
  );
  const key = useSiteKey(siteId, snapshot.items.length > 0);
  const { phase } = snapshot;
  const isChoosing = phase === "empty" || phase === "looking" || phase === "ready";
  const { outcomes, upload } = useOutcomes(snapshot.uploadId, !isChoosing && phase !== "cancelled");
  useLeaveWarning(phase === "running");

  async function resume(earlier: JournalSession) {
    setChosenSite(earlier.siteId);
    setProfile(earlier.profile);
    setAsksForFolder(true);
    await session.resume(earlier.uploadId);
    const found = await filesOfHandles(earlier.handles);
    const now = session.snapshot();
    // The person may have dropped the folder while the browser was asking.
    if (found !== undefined && now.uploadId === earlier.uploadId && now.phase === "empty") {
      await session.add(found);
    }
  }

  if (me.data !== undefined && sites.data !== undefined && ownSites.length === 0) {
    return (
      <>
        <Header />
        <EmptyState title="Only a site's coordinator sends studies">
          The files are de-identified in the browser with the site&apos;s own key, and only its coordinators
          may have that key.
        </EmptyState>
        <UploadHistory siteId={undefined} />
      </>
    );
  }
  const deidentifying = key.data === undefined ? undefined : { profile, siteKey: key.data };
  const studies = isChoosing ? studiesOf(snapshot.items) : [];
  const shownStudy = studies.find((study) => study.key === shownKey) ?? studies[0];
  const examples = (shownStudy?.itemIds ?? []).flatMap((itemId) => {
    const item = snapshot.items[itemId];
    return item?.state === "waiting" && item.source !== undefined ? [item.source] : [];
  });
  const waiting = snapshot.items.filter(({ state }) => state === "waiting");
  const reviewed = reviewedId === undefined ? undefined : snapshot.items[reviewedId];
  return (
    <>
      <Header />
      {phase === "empty" ? (
        <InterruptedUploads onContinue={(earlier) => void resume(earlier)} sites={ownSites} />
      ) : null}
      {isChoosing ? (
        <>
          <div className="mb-4 flex flex-wrap gap-4">
            <div className="w-64">
              <FormField label="Site">
                {(control) => (
                  <Select
                    {...control}
                    value={siteId ?? ""}
                    onChange={(event) => setChosenSite(event.target.value)}
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
            <div className="w-96">
              <FormField
                label="De-identification"
                help={profiles.find(({ name }) => name === profile)?.help ?? profile}
              >
                {(control) => (
                  <Select {...control} value={profile} onChange={(event) => setProfile(event.target.value)}>
                    {profiles.map(({ label, name }) => (
                      <option key={name} value={name}>
                        {label}
                      </option>
                    ))}
                  </Select>
                )}
              </FormField>
            </div>
          </div>
          {asksForFolder && snapshot.items.length === 0 ? (
            <p role="status" className="mb-3 rounded-md bg-accent-50 px-3 py-2 text-sm text-accent-800">
              Let the browser read the folder again if it asks, or drop the same folder here. What was sent is
              recognised and not sent twice.
            </p>
          ) : null}
          <DropZone
            isCompact={snapshot.items.length > 0}
            isDisabled={phase === "looking"}
            onChosen={(chosen) => void session.add(chosen)}
          />
        </>
      ) : (
        <ProgressPanel
          snapshot={snapshot}
          upload={upload}
          onPause={session.pause}
          onContinue={() => {
            if (siteId !== undefined && deidentifying !== undefined)
              void session.start(siteId, deidentifying);
          }}
          onRetry={session.retryFailed}
          onCancel={() => setIsCancelling(true)}
          onNew={session.clear}
        />
      )}
      {phase === "looking" ? (
        <p role="status" className="mb-4 text-sm text-slate-600">
          Looking at {count(snapshot.lookedCount)} of {count(snapshot.items.length)} files…
        </p>
      ) : null}
      {phase === "ready" ? (
        <div className="mb-4 flex flex-wrap items-center gap-3">
          <Button
            emphasis="primary"
            disabled={waiting.length === 0 || siteId === undefined || deidentifying === undefined}
            onClick={() => {
              if (siteId !== undefined && deidentifying !== undefined) {
                void session.start(siteId, deidentifying);
              }
            }}
          >
            De-identify and send {count(waiting.length)} {waiting.length === 1 ? "file" : "files"}
          </Button>
          <Button onClick={session.clear}>Clear the list</Button>
          <p role="status" className="text-sm text-slate-600">
            {count(studies.length)} {studies.length === 1 ? "study" : "studies"},{" "}
            {bytes(waiting.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))}
            {snapshot.counts.sent > 0 ? ` · ${count(snapshot.counts.sent)} sent before` : null}
            {snapshot.counts.skipped > 0 ? ` · ${count(snapshot.counts.skipped)} left out` : null}
          </p>
        </div>
      ) : null}
      {key.error === null ? null : (
        <div className="mb-4">
          <ErrorState
            message={`The site's key for pseudonyms could not be fetched: ${key.error.message}`}
            onRetry={() => void key.refetch()}
          />
        </div>
      )}
      {phase === "ready" && studies.length > 0 ? (
        <Section
          title="What is removed"
          lead="Read and shown in this browser only. Choose a study to see what its files lose before they are sent."
        >
          <StudyTable
            studies={studies}
            shownKey={shownStudy?.key}
            onShow={(study) => setShownKey(study.key)}
          />
          {examples.length === 0 || deidentifying === undefined ? null : (
            <div className="mt-3">
              <RemovalPreview sources={examples} deidentifying={deidentifying} />
            </div>
          )}
        </Section>
      ) : null}
      {snapshot.items.length === 0 ? null : (
        <Section title="Files">
          <FileList
            snapshot={snapshot}
            outcomes={outcomes}
            onDecide={({ itemId }) => setReviewedId(itemId)}
          />
        </Section>
      )}
      <UploadHistory siteId={siteId} />
      {reviewed?.state === "held" ? (
        <TextReview
          item={reviewed}
          onDecide={(decision) => {
            session.decide(reviewed.itemId, decision);
            setReviewedId(undefined);
          }}
          onClose={() => setReviewedId(undefined)}
        />
      ) : null}
      {isCancelling ? (
        <ConfirmDialog
          title="Cancel this upload?"
          confirmLabel="Cancel the upload"
          keepLabel="Go on"
          isBusy={false}
          error={undefined}
          isDanger
          onClose={() => setIsCancelling(false)}
          onConfirm={() => {
            setIsCancelling(false);
            void session.cancel();
          }}
        >
          Files that have arrived whole stay and are read; what was sent of the others is thrown away.
        </ConfirmDialog>
      ) : null}
    </>
  );
}

const Header = () => (
  <PageHeader
    title="Upload"
    lead="Files are de-identified here, before they leave this computer, and again on arrival. What is refused is listed with its reason and can be mended and sent again."
    back={<BackLink href="/studies">Studies</BackLink>}
  />
);

/** The site's key for pseudonyms, in this page's memory only; fetched once something is to be sent. */
function useSiteKey(siteId: string | undefined, isNeeded: boolean) {
  const client = useTRPCClient();
  return useQuery({
    queryKey: ["site-key", siteId],
    enabled: isNeeded && siteId !== undefined,
    staleTime: Infinity,
    retry: false,
    queryFn: async () => {
      const { siteKey } = await client.deidentification.siteKey.mutate({ siteId: siteId ?? "" });
      return Uint8Array.from(atob(siteKey), (character) => character.charCodeAt(0));
    },
  });
}
