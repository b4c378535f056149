/** Studies to send: phantoms in several transfer syntaxes, copied under new identities as often as is asked for. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { DomainError } from "@crossread/contracts/errors";
import type { ImageFrame } from "@crossread/datasets/phantom-breast";
import { generatePhantomSite } from "@crossread/datasets/phantom-cohort";
import { writeMammogram } from "@crossread/dicom/write-mammogram";

export interface StudyTemplate {
  readonly files: readonly TemplateFile[];
}

interface TemplateFile {
  readonly bytes: Uint8Array;
  /** Where the identifiers stand that are new in every copy. */
  readonly places: readonly {
    readonly offset: number;
    readonly kind: IdentifierKind;
    readonly view: number;
  }[];
}

type IdentifierKind = "patient" | "study" | "series" | "instance";
const kinds: readonly IdentifierKind[] = ["patient", "study", "series", "instance"];

/** A full-field detector of 240 × 300 mm. */
export function detectorFrame(pixelSizeMm: number): ImageFrame {
  return { widthPx: Math.round(240 / pixelSizeMm), heightPx: Math.round(300 / pixelSizeMm), pixelSizeMm };
}

const templateCount = 2;

interface Coding {
  readonly name: string;
  readonly encoder?: { readonly program: string; readonly options: readonly string[] };
}

const codings = {
  uncompressed: { name: "uncompressed" },
  "jpeg-ls": { name: "JPEG-LS", encoder: { program: "/usr/bin/dcmcjpls", options: [] } },
  "jpeg-lossless": { name: "JPEG lossless", encoder: { program: "/usr/bin/dcmcjpeg", options: [] } },
  "jpeg-2000": { name: "JPEG 2000", encoder: { program: "/usr/bin/gdcmconv", options: ["--j2k"] } },
  rle: { name: "RLE", encoder: { program: "/usr/bin/dcmcrle", options: [] } },
} as const satisfies Readonly<Record<string, Coding>>;

type CodingName = keyof typeof codings;
export type CodingChoice = CodingName | "all";

const codingNames = Object.keys(codings).filter(isCodingName);
export const codingChoices: readonly CodingChoice[] = ["all", ...codingNames];

function isCodingName(name: string): name is CodingName {
  return Object.hasOwn(codings, name);
}

/** All that this machine can write, or the one that is asked for. */
export function chosenCodings(choice: CodingChoice): readonly Coding[] {
  const canWrite = ({ encoder }: Coding) => encoder === undefined || existsSync(encoder.program);
  const chosen = (choice === "all" ? codingNames : [choice]).map((name): Coding => codings[name]);
  const available = chosen.filter(canWrite);
  if (available.length > 0) return available;
  throw new DomainError("engine-unavailable", `${chosen[0]?.encoder?.program} is not on this machine.`);
}

/** Fixed in length, so that a copy is the same file with other digits. */
function identifier(kind: IdentifierKind, copy: { run: number; study: number }, view: number): string {
  const number = `${String(copy.run).padStart(10, "0")}${String(copy.study).padStart(8, "0")}`;
  if (kind === "patient") return `BENCH ${number}`;
  return `2.25.${{ study: 71, series: 72, instance: 73 }[kind]}${number}${kind === "instance" ? view : 0}`;
}

const original = { run: 0, study: 0 };

export async function makeTemplates(
  frame: ImageFrame,
  ways: readonly Coding[],
  onProgress: (line: string) => void,
): Promise<StudyTemplate[]> {
  const directory = await mkdtemp(join(tmpdir(), "crossread-bench-"));
  try {
    const site = generatePhantomSite({ siteIndex: 0, caseCount: templateCount, seed: 1, frame });
    const templates: StudyTemplate[] = [];
    for (const [index, study] of [...site.studies()].entries()) {
      onProgress(`Phantom ${index + 1} of ${templateCount}`);
      const files: TemplateFile[] = [];
      for (const [view, { header, pixels }] of study.instances.entries()) {
        const bytes = writeMammogram(
          {
            ...header,
            subjectId: identifier("patient", original, view),
            studyInstanceUid: identifier("study", original, view),
            seriesInstanceUid: identifier("series", original, view),
            sopInstanceUid: identifier("instance", original, view),
          },
          pixels,
        );
        const encoder = ways[(index * study.instances.length + view) % ways.length]?.encoder;
        const coded = encoder === undefined ? bytes : await encode(bytes, encoder, directory);
        files.push({ bytes: coded, places: findPlaces(coded, view) });
      }
      templates.push({ files });
    }
    return templates;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function encode(
  bytes: Uint8Array,
  { options, program }: NonNullable<Coding["encoder"]>,
  directory: string,
): Promise<Uint8Array> {
  const [plain, coded] = [join(directory, "plain.dcm"), join(directory, "coded.dcm")];
  await writeFile(plain, bytes);
  await promisify(execFile)(program, [...options, plain, coded]);
  return readFile(coded);
}

/** Identifiers stand in the header; what looks like one in the pixels would be chance, and is left alone. */
function findPlaces(bytes: Uint8Array, view: number): TemplateFile["places"] {
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 16_384));
  return kinds.flatMap((kind) => {
    const text = identifier(kind, original, view);
    const places: { offset: number; kind: IdentifierKind; view: number }[] = [];
    for (let offset = header.indexOf(text); offset >= 0; offset = header.indexOf(text, offset + 1)) {
      places.push({ offset, kind, view });
    }
    return places;
  });
}

/** The files of one study of a run: every identifier is one that no other study of any run has. */
export function copyStudy(
  templates: readonly StudyTemplate[],
  copy: { readonly run: number; readonly study: number },
): { sopInstanceUid: string; bytes: Uint8Array }[] {
  const template = templates[copy.study % templates.length];
  return (template?.files ?? []).map((file, view) => {
    const bytes = Buffer.from(file.bytes);
    for (const { kind, offset, view: ownView } of file.places) {
      bytes.write(identifier(kind, copy, ownView), offset, "latin1");
    }
    return { sopInstanceUid: identifier("instance", copy, view), bytes };
  });
}
