import { labelStateSchema, type LabelState } from "@crossread/contracts/breast-label";
import type { Finding, Laterality, View } from "@crossread/contracts/dataset-manifest";
import { completenessSchema, type Completeness } from "@crossread/contracts/study-browser";
import type { Database } from "./database.ts";
import { whereSite, type SiteScope } from "./site-scope.ts";
import { countStudyMatches, findStudyPage, type StudyPageRequest } from "./study-page.ts";

export interface StudyRow {
  readonly studyId: string;
  readonly caseId: string;
  readonly caseLabel: string;
  readonly pseudonym: string;
  readonly site: { readonly siteId: string; readonly name: string; readonly colourIndex: number };
  readonly studyDate: Date | null;
  readonly receivedAt: Date;
  readonly patientAgeYears: number | null;
  readonly density: string | null;
  readonly device: string;
  readonly labelState: LabelState;
  readonly completeness: Completeness;
  readonly hasImplant: boolean;
  readonly tags: readonly string[];
  readonly findings: Readonly<Record<Laterality, Finding | null>>;
  readonly images: readonly {
    readonly instanceId: string;
    readonly laterality: Laterality;
    readonly view: View;
  }[];
}

export interface StudyPage {
  readonly rows: readonly StudyRow[];
  /** Cursors of the neighbouring pages. */
  readonly next: string | null;
  readonly previous: string | null;
  readonly totalCount: number;
  /** Cases kept out of sight because the caller still has to read them blind. */
  readonly blindedCount: number;
}

/** One page of the studies in scope; filtered, sorted and counted in the database. */
export async function listStudies(db: Database, request: StudyPageRequest): Promise<StudyPage> {
  const [page, counts] = await Promise.all([
    findStudyPage(db, request),
    countStudyMatches(db, request.viewer, request.filter),
  ]);
  const { studyIds, ...neighbours } = page;
  return { ...neighbours, ...counts, rows: await loadStudyRows(db, studyIds) };
}

/** In the order of the ids; these have passed the scope and the blinding. */
async function loadStudyRows(db: Database, studyIds: readonly string[]): Promise<StudyRow[]> {
  const summaries = await db.studySummary.findMany({
    where: { studyId: { in: [...studyIds] } },
    select: {
      studyId: true,
      device: true,
      labelState: true,
      completeness: true,
      hasImplant: true,
      site: { select: { id: true, name: true, colourIndex: true } },
      study: {
        select: {
          studyDate: true,
          receivedAt: true,
          patientAgeYears: true,
          subject: { select: { pseudonym: true } },
          tags: { select: { tag: true }, orderBy: { tag: "asc" } },
        },
      },
      case: {
        select: {
          id: true,
          label: true,
          density: true,
          referenceStandards: {
            where: { supersededAt: null },
            select: { laterality: true, finding: true },
          },
          instances: {
            orderBy: [{ laterality: "desc" }, { view: "asc" }, { id: "asc" }],
            select: { id: true, laterality: true, view: true },
          },
        },
      },
    },
  });
  const rows = new Map(
    summaries.map(({ study, case: row, site, ...summary }): [string, StudyRow] => [
      summary.studyId,
      {
        studyId: summary.studyId,
        caseId: row.id,
        caseLabel: row.label,
        pseudonym: study.subject.pseudonym,
        site: { siteId: site.id, name: site.name, colourIndex: site.colourIndex },
        studyDate: study.studyDate,
        receivedAt: study.receivedAt,
        patientAgeYears: study.patientAgeYears,
        density: row.density,
        device: summary.device,
        labelState: labelStateSchema.parse(summary.labelState),
        completeness: completenessSchema.parse(summary.completeness),
        hasImplant: summary.hasImplant,
        tags: study.tags.map(({ tag }) => tag),
        findings: {
          R: row.referenceStandards.find((standard) => standard.laterality === "R")?.finding ?? null,
          L: row.referenceStandards.find((standard) => standard.laterality === "L")?.finding ?? null,
        },
        images: row.instances.map(({ id, laterality, view }) => ({ instanceId: id, laterality, view })),
      },
    ]),
  );
  return studyIds.flatMap((studyId) => rows.get(studyId) ?? []);
}
