"use client";

import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { bytes, count } from "../../components/format.ts";
import { Pager } from "../../components/pager.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import type { LocalStudy } from "./study-summary.ts";

const pageSize = 10;

export function StudyTable(props: {
  studies: readonly LocalStudy[];
  shownKey: string | undefined;
  onShow: (study: LocalStudy) => void;
}) {
  const [offset, setOffset] = useState(0);
  const shown = props.studies.slice(offset, offset + pageSize);
  return (
    <>
      <Table label="Studies to send">
        <thead>
          <tr>
            <Head>Patient (stays here)</Head>
            <Head>Study date</Head>
            <Head>Modality</Head>
            <Head>Views</Head>
            <Head isNumeric>Files</Head>
            <Head isNumeric>Size</Head>
            <Head>
              <span className="sr-only">Preview</span>
            </Head>
          </tr>
        </thead>
        <tbody>
          {shown.map((study) => (
            <Row key={study.key} className={study.key === props.shownKey ? "bg-accent-50" : ""}>
              <Cell>
                <span className="block max-w-56 truncate font-medium">
                  {study.patientName || (study.key === "" ? "Header not found at the beginning" : "No name")}
                </span>
                <span className="block max-w-56 truncate font-mono text-xs text-slate-600">
                  {study.patientId}
                </span>
              </Cell>
              <Cell className="whitespace-nowrap">{study.studyDate || "–"}</Cell>
              <Cell>{study.modalities.join(", ") || "–"}</Cell>
              <Cell className="max-w-56">{study.views.join(" · ") || "–"}</Cell>
              <Cell isNumeric>{count(study.itemIds.length)}</Cell>
              <Cell isNumeric>{bytes(study.sizeBytes)}</Cell>
              <Cell className="text-right">
                <Button
                  emphasis="quiet"
                  onClick={() => props.onShow(study)}
                  aria-pressed={study.key === props.shownKey}
                >
                  Show what is removed
                </Button>
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
      {props.studies.length > pageSize ? (
        <Pager
          offset={offset}
          pageSize={pageSize}
          shownCount={shown.length}
          totalCount={props.studies.length}
          onMove={setOffset}
        />
      ) : null}
    </>
  );
}
