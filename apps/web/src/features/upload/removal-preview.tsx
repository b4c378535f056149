"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Badge } from "../../components/badge.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { count } from "../../components/format.ts";
import { Panel } from "../../components/page-header.tsx";
import { Pseudonym } from "../../components/pseudonym.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import type { Deidentifying, Preview } from "./file-worker-protocol.ts";
import { GrayPicture } from "./gray-picture.tsx";
import type { SourceFile } from "./source-file.ts";
import { useUploadTools } from "./upload-world.ts";

const mostExamples = 5;

/** What de-identification takes out of one file, with the old values: read here, shown here, sent nowhere. */
export function RemovalPreview(props: {
  /** Of one study; the first that can be de-identified is the example. */
  sources: readonly SourceFile[];
  deidentifying: Deidentifying;
}) {
  const { deidentifying } = props;
  const { preview } = useUploadTools();
  const sources = props.sources.slice(0, mostExamples);
  const query = useQuery({
    queryKey: ["removal-preview", sources.map(({ path }) => path), deidentifying.profile],
    queryFn: async () => {
      let failure: unknown;
      for (const source of sources) {
        try {
          return { path: source.path, preview: await preview("preview", { source, deidentifying }) };
        } catch (error) {
          failure = error;
        }
      }
      throw failure;
    },
    retry: false,
    gcTime: 0,
  });
  if (query.isPending) return <Skeleton rows={6} />;
  if (query.isError) {
    return (
      <ErrorState
        message={`These files cannot be de-identified and will not be sent. The last said: ${query.error.message}`}
      />
    );
  }
  return <PreviewTable preview={query.data.preview} path={query.data.path} />;
}

/** Of attributes that neither the allow-list nor table E.1-1 names, and that nearly every file has. */
const otherNames: Readonly<Record<string, string>> = { "00080005": "Specific Character Set" };

const tones = { removed: "failure", replaced: "warning", kept: "neutral" } as const;

function PreviewTable(props: { preview: Preview; path: string }) {
  const { preview } = props;
  const [kind, setKind] = useState<Preview["groups"][number]["kind"]>("removed");
  const shown = preview.groups.find((group) => group.kind === kind);
  return (
    <Panel className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 text-sm">
        <span>
          Becomes <Pseudonym>{preview.pseudonym}</Pseudonym>
        </span>
        {preview.wasOurs ? <Badge tone="done">de-identified here before</Badge> : null}
        <span className="max-w-md truncate text-slate-600" title={props.path}>
          Example: {props.path}
        </span>
      </div>
      <div className="flex items-start gap-4">
        <div className="min-w-0 flex-1">
          <div role="group" aria-label="What happens to attributes" className="mb-2 flex gap-1">
            {preview.groups.map((group) => (
              <button
                key={group.kind}
                type="button"
                aria-pressed={group.kind === kind}
                onClick={() => setKind(group.kind)}
                className="rounded-md border border-transparent px-2.5 py-1 text-sm text-slate-700 hover:bg-slate-100 aria-pressed:border-slate-300 aria-pressed:bg-slate-100 aria-pressed:font-medium"
              >
                {group.title} <span className="text-slate-600">{count(group.attributes.length)}</span>
              </button>
            ))}
          </div>
          <Table label="Attributes of the example" maxHeight="20rem">
            <thead>
              <tr>
                <Head>Tag</Head>
                <Head>Attribute</Head>
                <Head>Value here</Head>
                <Head>Value sent</Head>
                <Head>Why</Head>
              </tr>
            </thead>
            <tbody>
              {shown?.attributes.map((attribute) => (
                <Row key={attribute.tag}>
                  <Cell className="font-mono text-xs whitespace-nowrap">{tagText(attribute.tag)}</Cell>
                  <Cell className="max-w-48 truncate" title={attribute.name}>
                    {attribute.name ||
                      attribute.keyword ||
                      (attribute.tag === ""
                        ? "outside all attributes"
                        : (otherNames[attribute.tag] ?? "no name known"))}
                  </Cell>
                  <Cell className="max-w-48 truncate" title={attribute.oldValue}>
                    {attribute.oldValue || (attribute.tag === "" ? "some bytes" : "empty")}
                  </Cell>
                  <Cell className="max-w-48 truncate" title={attribute.newValue}>
                    {attribute.newValue || (
                      <Badge tone={tones[kind]}>{kind === "removed" ? "nothing" : "empty"}</Badge>
                    )}
                  </Cell>
                  <Cell className="max-w-56 text-xs text-slate-600">{attribute.reason}</Cell>
                </Row>
              ))}
            </tbody>
          </Table>
        </div>
        {preview.picture === undefined ? null : (
          <div className="w-44 shrink-0">
            <GrayPicture
              picture={preview.picture}
              regions={preview.pixels.regions}
              label="The image of the example"
            />
            <p className="mt-1 text-xs text-slate-600">{pixelTexts[preview.pixels.status]}</p>
          </div>
        )}
      </div>
    </Panel>
  );
}

const pixelTexts: Readonly<Record<Preview["pixels"]["status"], string>> = {
  clean: "No text was found in the image.",
  "suspected-text": "There may be text in the image. Such files wait for your decision.",
  unchecked: "The pixels are checked for text on arrival.",
};

/** "00100010" as (0010,0010); in sequences the last one. */
const tagText = (tag: string): string => {
  if (tag === "") return "–";
  const last = tag.split("/").at(-1) ?? tag;
  return `${tag.includes("/") ? "… " : ""}(${last.slice(0, 4)},${last.slice(4)})`;
};
