"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import { Button } from "../../../components/button.tsx";
import { Section } from "../../../components/page-header.tsx";
import { Cell, Head, Row, Table } from "../../../components/table.tsx";
import type { Outputs } from "../../../trpc/client.ts";
import { FindingBadge } from "../../studies/finding-badge.tsx";
import { describeMark } from "./mark-words.ts";

type Study = Outputs["studies"]["load"];

const MarksEditor = dynamic(() => import("./marks-editor.tsx").then((module) => module.MarksEditor), {
  ssr: false,
  loading: () => <p role="status">Opening the editor…</p>,
});

/** Lesion marks of the reference standard; the viewer draws them on the images. */
export function LesionMarks(props: { study: Study; mayWrite: boolean }) {
  const { study, mayWrite } = props;
  const [editedId, setEditedId] = useState<string | null>(null);
  const firstId = study.images[0]?.instanceId;
  const marks = study.images.flatMap((image) =>
    image.referenceMarks.map((mark) => ({ ...mark, image: `${image.laterality} ${image.view}` })),
  );
  if (firstId === undefined || (marks.length === 0 && !mayWrite)) return null;
  return (
    <Section
      title="Lesion marks"
      lead="Of the reference standard, drawn in the viewer."
      actions={
        mayWrite ? <Button onClick={() => setEditedId(firstId)}>Edit the lesion marks</Button> : undefined
      }
    >
      {marks.length === 0 ? (
        <p className="text-sm text-slate-600">No lesion is marked.</p>
      ) : (
        <Table label="Lesion marks">
          <thead>
            <tr>
              <Head>Image</Head>
              <Head>Lesion</Head>
              <Head>Finding</Head>
            </tr>
          </thead>
          <tbody>
            {marks.map((mark) => (
              <Row key={mark.markId}>
                <Cell className="whitespace-nowrap">
                  {mayWrite ? (
                    <button
                      type="button"
                      className="text-accent-700 hover:underline"
                      onClick={() => setEditedId(mark.instanceId)}
                    >
                      {mark.image}
                    </button>
                  ) : (
                    mark.image
                  )}
                </Cell>
                <Cell>
                  {describeMark(mark)}
                  <Contradiction study={study} mark={mark} />
                </Cell>
                <Cell>
                  <FindingBadge finding={mark.finding} />
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      )}
      {editedId === null ? null : (
        <MarksEditor
          key={editedId}
          study={study}
          initialInstanceId={editedId}
          onClose={() => setEditedId(null)}
        />
      )}
    </Section>
  );
}

/** A malignant lesion in a breast that is said to have none: one of both is to be corrected. */
function Contradiction(props: { study: Study; mark: Study["images"][number]["referenceMarks"][number] }) {
  const { mark, study } = props;
  const laterality = study.images.find(({ instanceId }) => instanceId === mark.instanceId)?.laterality;
  if (laterality === undefined || mark.finding !== "malignant") return null;
  const { finding } = study.labels.breasts[laterality];
  if (finding === "malignant") return null;
  return (
    <p className="text-xs text-warning-ink">
      The reference standard of the {laterality === "R" ? "right" : "left"} breast is {finding ?? "unknown"}.
    </p>
  );
}
