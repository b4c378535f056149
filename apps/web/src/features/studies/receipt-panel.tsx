"use client";

import { useQuery } from "@tanstack/react-query";
import { buttonLook } from "../../components/button.tsx";
import { count, dateTime } from "../../components/format.ts";
import { Section } from "../../components/page-header.tsx";
import { Pseudonym } from "../../components/pseudonym.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";

/** PS3.15 E.1-1: what an action code does. */
const actionNames = {
  D: "replaced by a dummy",
  Z: "emptied",
  X: "removed",
  K: "kept",
  C: "cleaned",
  U: "UID replaced",
} as const;
const actionCodes = ["X", "Z", "D", "C", "U", "K"] as const;

/** What was removed before the images were stored, signed by the platform. */
export function ReceiptPanel(props: { studyId: string }) {
  const query = useQuery(useTRPC().deidentification.receipt.queryOptions({ studyId: props.studyId }));
  const signed = query.data;
  if (signed === undefined) return null;
  return (
    <Section
      title="De-identification"
      lead={
        signed === null
          ? undefined
          : `Receipt of ${dateTime(new Date(signed.receipt.issuedAt))}, ${count(signed.receipt.files.length)} ${signed.receipt.files.length === 1 ? "file" : "files"}, signed.`
      }
      actions={
        signed === null ? undefined : (
          <a href={`/api/studies/${props.studyId}/receipt`} className={buttonLook("secondary")} download>
            Download the receipt
          </a>
        )
      }
    >
      {signed === null ? (
        <p className="text-sm text-slate-600">
          No receipt: this study was made or imported here and never carried a patient’s identity through an
          upload.
        </p>
      ) : (
        <>
          <PixelSummary files={signed.receipt.files} />
          <p className="mb-3 text-sm text-slate-700">
            Signed with the platform’s key <Pseudonym>{signed.publicKey}</Pseudonym>. Whoever has kept that
            key checks the receipt with{" "}
            <code className="font-mono text-[13px]">crossread verify-receipt --key</code>.
          </p>
          <Table label="What was done to attributes">
            <thead>
              <tr>
                {actionCodes.map((code) => (
                  <Head key={code} isNumeric>
                    {actionNames[code]}
                  </Head>
                ))}
              </tr>
            </thead>
            <tbody>
              <Row>
                {actionCodes.map((code) => (
                  <Cell key={code} isNumeric>
                    {count(signed.receipt.actionCounts[code])}
                  </Cell>
                ))}
              </Row>
            </tbody>
          </Table>
        </>
      )}
    </Section>
  );
}

type ReceiptFile = NonNullable<Outputs["deidentification"]["receipt"]>["receipt"]["files"][number];

/** What was decided about text in the pixels, and by whom. */
function PixelSummary(props: { files: readonly ReceiptFile[] }) {
  const counts = new Map<string, number>();
  for (const { pixelDecision } of props.files) {
    if (pixelDecision === undefined) continue;
    const text = `${decisionTexts[pixelDecision.kind]} ${deciders[pixelDecision.by]}`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  if (counts.size === 0) return null;
  return (
    <ul className="mb-3 text-sm text-slate-700">
      {[...counts].map(([text, fileCount]) => (
        <li key={text}>
          {count(fileCount)} {fileCount === 1 ? "image" : "images"}: {text}.
        </li>
      ))}
    </ul>
  );
}

const decisionTexts = { masked: "text was covered", allowed: "what may be text was let pass" } as const;
const deciders = {
  hand: "by a coordinator",
  rule: "by a pixel rule of the site",
  sender: "before it was sent",
} as const;
