import { labelStateSchema, type LabelState } from "@crossread/contracts/breast-label";
import type { Finding, Laterality, View } from "@crossread/contracts/dataset-manifest";
import { completenessSchema, type Completeness } from "@crossread/contracts/study-browser";
import type { Database } from "./database.ts";
import { findStudyPage, type StudyPageRequest } from "./study-page.ts";

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
  /** Of all its images. */
  readonly technicalLabels: readonly string[];
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
}

/** One page of the studies in scope, filtered and sorted in the database: two statements. */
export async function listStudies(db: Database, request: StudyPageRequest): Promise<StudyPage> {
  const { studyIds, ...neighbours } = await findStudyPage(db, request);
  return { ...neighbours, rows: await loadStudyRows(db, studyIds) };
}

interface StoredRow extends Omit<StudyRow, "site" | "labelState" | "completeness"> {
  readonly siteId: string;
  readonly siteName: string;
  readonly colourIndex: number;
  readonly labelState: string;
  readonly completeness: string;
  readonly findings: Readonly<Record<Laterality, Finding | null>>;
}

/** In the order of the ids; these have passed the scope and the blinding. */
async function loadStudyRows(db: Database, studyIds: readonly string[]): Promise<StudyRow[]> {
  if (studyIds.length === 0) return [];
  const rows = await db.$queryRaw<StoredRow[]>`
    SELECT m.study_id AS "studyId", m.case_id AS "caseId", m.label AS "caseLabel", p.pseudonym,
      m.site_id AS "siteId", s.name AS "siteName", s.colour_index AS "colourIndex",
      m.study_date AS "studyDate", m.received_at AS "receivedAt", st.patient_age_years AS "patientAgeYears",
      c.density, m.device, m.label_state AS "labelState", m.completeness, m.has_implant AS "hasImplant",
      m.technical_labels AS "technicalLabels",
      ARRAY(SELECT t.tag FROM study_tags t WHERE t.study_id = m.study_id ORDER BY t.tag) AS tags,
      (SELECT jsonb_build_object('R', max(r.finding) FILTER (WHERE r.laterality = 'R'),
          'L', max(r.finding) FILTER (WHERE r.laterality = 'L'))
        FROM reference_standards r WHERE r.case_id = m.case_id AND r.superseded_at IS NULL) AS findings,
      (SELECT coalesce(jsonb_agg(
          jsonb_build_object('instanceId', i.id, 'laterality', i.laterality, 'view', i.view)
          ORDER BY i.laterality DESC, i.view, i.id), '[]')
        FROM instances i WHERE i.case_id = m.case_id) AS images
    FROM study_summaries m
    JOIN sites s ON s.id = m.site_id
    JOIN studies st ON st.id = m.study_id
    JOIN subjects p ON p.id = st.subject_id
    JOIN cases c ON c.id = m.case_id
    WHERE m.study_id = ANY (${[...studyIds]}::uuid[])
    ORDER BY array_position(${[...studyIds]}::uuid[], m.study_id)`;
  return rows.map(({ siteId, siteName, colourIndex, labelState, completeness, ...row }) => ({
    ...row,
    site: { siteId, name: siteName, colourIndex },
    labelState: labelStateSchema.parse(labelState),
    completeness: completenessSchema.parse(completeness),
  }));
}
