"use client";

import { caseLabelRule } from "@crossread/contracts/breast-label";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { BackLink } from "../../components/back-link.tsx";
import { Button } from "../../components/button.tsx";
import { Select } from "../../components/form-field.tsx";
import { bytes, dateTime, decimal, shortHash } from "../../components/format.ts";
import { PageHeader, Panel, Section } from "../../components/page-header.tsx";
import { Pseudonym } from "../../components/pseudonym.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { SiteName } from "../../components/site-name.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { LabelForm } from "../labels/label-form.tsx";
import { LabelHistory } from "../labels/label-history.tsx";
import { LabelSummary } from "../labels/label-summary.tsx";
import { LesionMarks } from "../labels/marks/lesion-marks.tsx";
import { useIsSiteKeeper } from "../shell/use-actor.ts";
import { readingOrder } from "../viewer/hanging.ts";
import { useComponent } from "../viewer/use-component.ts";
import { whenIdle } from "../viewer/when-idle.ts";
import { completenessNames, labelStateNames } from "./facet-texts.ts";
import { ReceiptPanel } from "./receipt-panel.tsx";
import { TechnicalBadges } from "./technical-badges.tsx";
import { StudyTags } from "./study-tags.tsx";

type Study = Outputs["studies"]["load"];

/** Most who open this page look at the images next. */
async function getViewerReady(): Promise<void> {
  const { prepareViewer } = await import("../viewer/cornerstone.ts");
  await prepareViewer();
}

async function fetchAhead(study: Study): Promise<void> {
  const { prefetchImages } = await import("../viewer/cornerstone.ts");
  await prefetchImages(readingOrder(study.images).map(({ instanceId }) => instanceId));
}

export function StudyView(props: { studyId: string }) {
  const query = useQuery(useTRPC().studies.load.queryOptions({ studyId: props.studyId }));
  return (
    <QueryView query={query} rows={8}>
      {(study) => <StudyPage study={study} />}
    </QueryView>
  );
}

function StudyPage(props: { study: Study }) {
  const { study } = props;
  const [checkpointId, setCheckpointId] = useState<string>();
  const [isViewing, setIsViewing] = useState(false);
  const [StudyViewer, loadViewer] = useComponent(() => import("./study-viewer.tsx"));
  const mayWrite = useIsSiteKeeper(study.site.siteId);
  useEffect(
    () =>
      whenIdle(() => {
        loadViewer();
        void getViewerReady();
      }),
    [loadViewer],
  );
  const opensViewer = {
    onPointerEnter: () => void fetchAhead(study),
    onFocus: () => void fetchAhead(study),
    onClick: () => {
      loadViewer();
      setIsViewing(true);
    },
  };
  const predictions =
    study.predictions.find((each) => each.checkpointId === checkpointId) ?? study.predictions[0];
  return (
    <>
      <PageHeader
        title={study.caseLabel}
        showsResults
        back={<BackLink href="/studies">Studies</BackLink>}
        lead={
          <span className="flex flex-wrap gap-x-4">
            <SiteName site={study.site} />
            <span>
              Patient <Pseudonym>{study.pseudonym}</Pseudonym>
            </span>
            {study.patientAgeYears === null ? null : <span>{study.patientAgeYears} years</span>}
            <span>density {study.density ?? "unknown"}</span>
            <span>{completenessNames[study.completeness]}</span>
            <span>received {dateTime(study.receivedAt)}</span>
            <StudyTags study={study} mayWrite={mayWrite} />
          </span>
        }
        actions={
          <Button emphasis="primary" {...opensViewer}>
            Open in the viewer
          </Button>
        }
      />
      <Section title="Images" lead="As thumbnails; the viewer shows them with full bit depth.">
        <ul className="grid grid-cols-2 gap-3 lg:grid-cols-4">
          {readingOrder(study.images).map((image) => (
            <li
              key={image.instanceId}
              className="overflow-hidden rounded-lg border border-slate-200 bg-white"
            >
              <button
                type="button"
                className="block w-full bg-black"
                aria-label={`Open ${image.laterality} ${image.view} in the viewer`}
                {...opensViewer}
              >
                <img
                  src={`/api/thumbnails/${image.instanceId}`}
                  alt={`${image.laterality} ${image.view}`}
                  className="h-56 w-full object-contain"
                />
              </button>
              <dl className="flex flex-col gap-0.5 px-3 py-2 text-xs text-slate-600">
                <div className="flex justify-between text-sm text-slate-900">
                  <dt className="font-medium">
                    {image.laterality} {image.view}
                  </dt>
                  <dd>
                    {image.widthPx} × {image.heightPx} px
                  </dd>
                </div>
                <div className="flex justify-between">
                  <dt>{image.manufacturerModelName ?? "unknown make"}</dt>
                  <dd>
                    {image.bitsStored} bit · {bytes(image.sizeBytes)}
                  </dd>
                </div>
                <div className="flex justify-between">
                  <dt>
                    {image.referenceMarks.length} lesion{" "}
                    {image.referenceMarks.length === 1 ? "mark" : "marks"}
                  </dt>
                  <dd title={`sha256 ${image.sha256}`}>
                    <code className="font-mono">{shortHash(image.sha256)}</code>
                  </dd>
                </div>
                {image.technicalLabels.length === 0 ? null : (
                  <div>
                    <dt className="sr-only">Kind of image</dt>
                    <dd className="mt-1 flex flex-wrap gap-1">
                      <TechnicalBadges labels={image.technicalLabels} />
                    </dd>
                  </div>
                )}
              </dl>
            </li>
          ))}
        </ul>
      </Section>
      <Section
        title="Reference standard"
        lead={`How truth was established. The case: ${labelStateNames[study.labelState]}. ${caseLabelRule}`}
      >
        <Panel>
          {mayWrite ? <LabelForm key={study.caseId} study={study} /> : <LabelSummary study={study} />}
        </Panel>
      </Section>
      <Section title="History of the labels" lead="Newest first; nothing is ever overwritten.">
        <LabelHistory rows={study.labelHistory} />
      </Section>
      <div className="grid gap-6 lg:grid-cols-2">
        <div>
          <LesionMarks study={study} mayWrite={mayWrite} />
          <ReceiptPanel studyId={study.studyId} />
        </div>
        <Section
          title="Model scores"
          lead="Score of the class “malignant” per image, 0 to 1."
          actions={
            study.predictions.length < 2 ? null : (
              <Select
                aria-label="Checkpoint"
                className="w-56!"
                value={predictions?.checkpointId ?? ""}
                onChange={(event) => setCheckpointId(event.target.value)}
              >
                {study.predictions.map((each) => (
                  <option key={each.checkpointId} value={each.checkpointId}>
                    {each.checkpointName}
                  </option>
                ))}
              </Select>
            )
          }
        >
          <ScoreTable study={study} predictions={predictions} />
        </Section>
      </div>
      {isViewing && StudyViewer === undefined ? <p role="status">Opening the viewer…</p> : null}
      {isViewing && StudyViewer !== undefined ? (
        <StudyViewer study={study} predictions={predictions} onClose={() => setIsViewing(false)} />
      ) : null}
    </>
  );
}

function ScoreTable(props: { study: Study; predictions: Study["predictions"][number] | undefined }) {
  const { study, predictions } = props;
  if (predictions === undefined) {
    return <p className="text-sm text-slate-600">No checkpoint has scored this study yet.</p>;
  }
  return (
    <Table label="Model scores">
      <thead>
        <tr>
          <Head>Image</Head>
          <Head isNumeric>Score</Head>
          <Head>Map</Head>
        </tr>
      </thead>
      <tbody>
        {study.images.map((image) => {
          const scored = predictions.images.find((each) => each.instanceId === image.instanceId);
          return (
            <Row key={image.instanceId}>
              <Cell>
                {image.laterality} {image.view}
              </Cell>
              <Cell isNumeric>{scored === undefined ? "–" : decimal(scored.score, 3)}</Cell>
              <Cell>{(scored?.maps.length ?? 0) === 0 ? "none" : "in the viewer"}</Cell>
            </Row>
          );
        })}
      </tbody>
    </Table>
  );
}
