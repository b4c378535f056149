import type { Finding, Laterality, View } from "@crossread/contracts/dataset-manifest";
import { whereNotPendingFor } from "./blinding.ts";
import type { Database } from "./database.ts";
import type { Prisma } from "./generated/client.ts";
import type { ImageViewer } from "./image-access.ts";
import { whereSite, type SiteScope } from "./site-scope.ts";

export interface StudyFilter {
  readonly siteId?: string | undefined;
  /** Reference finding of either breast in force; "unknown" where a breast has none. */
  readonly finding?: Finding | "unknown" | undefined;
  readonly laterality?: Laterality | undefined;
  readonly view?: View | undefined;
  /** Study date, inclusive, ISO yyyy-mm-dd. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Part of a pseudonym or case name. */
  readonly search?: string | undefined;
}

export interface StudyRow {
  readonly studyId: string;
  readonly caseId: string;
  readonly caseLabel: string;
  readonly pseudonym: string;
  readonly site: { readonly siteId: string; readonly name: string; readonly colourIndex: number };
  readonly studyDate: Date | null;
  readonly receivedAt: Date;
  readonly density: string | null;
  readonly findings: Readonly<Record<Laterality, Finding | null>>;
  readonly images: readonly {
    readonly instanceId: string;
    readonly laterality: Laterality;
    readonly view: View;
  }[];
}

export interface StudyPage {
  readonly rows: readonly StudyRow[];
  readonly totalCount: number;
  /** Cases kept out of sight because the caller still has to read them blind. */
  readonly blindedCount: number;
}

/** One page of the imaging studies in scope, newest first; filtered, counted and paged in the database. */
export async function listStudies(
  db: Database,
  options: { viewer: ImageViewer; filter: StudyFilter; page: number; pageSize: number },
): Promise<StudyPage> {
  const { viewer } = options;
  const matching = whereStudy(viewer.scope, options.filter);
  const where: Prisma.CaseWhereInput = { AND: [matching, whereNotPendingFor(viewer.userId)] };
  const [totalCount, matchingCount, cases] = await Promise.all([
    db.case.count({ where }),
    db.case.count({ where: matching }),
    db.case.findMany({
      where,
      orderBy: [{ study: { receivedAt: "desc" } }, { id: "desc" }],
      skip: options.page * options.pageSize,
      take: options.pageSize,
      select: {
        id: true,
        label: true,
        density: true,
        subject: { select: { pseudonym: true } },
        site: { select: { id: true, name: true, colourIndex: true } },
        study: { select: { id: true, studyDate: true, receivedAt: true } },
        referenceStandards: {
          where: { supersededAt: null },
          select: { laterality: true, finding: true },
        },
        instances: {
          orderBy: [{ laterality: "desc" }, { view: "asc" }, { id: "asc" }],
          select: { id: true, laterality: true, view: true },
        },
      },
    }),
  ]);
  return {
    totalCount,
    blindedCount: matchingCount - totalCount,
    rows: cases.map((row) => ({
      studyId: row.study.id,
      caseId: row.id,
      caseLabel: row.label,
      pseudonym: row.subject.pseudonym,
      site: { siteId: row.site.id, name: row.site.name, colourIndex: row.site.colourIndex },
      studyDate: row.study.studyDate,
      receivedAt: row.study.receivedAt,
      density: row.density,
      findings: {
        R: row.referenceStandards.find((standard) => standard.laterality === "R")?.finding ?? null,
        L: row.referenceStandards.find((standard) => standard.laterality === "L")?.finding ?? null,
      },
      images: row.instances.map(({ id, laterality, view }) => ({ instanceId: id, laterality, view })),
    })),
  };
}

function whereStudy(scope: SiteScope, filter: StudyFilter): Prisma.CaseWhereInput {
  const conditions: Prisma.CaseWhereInput[] = [{ siteId: whereSite(scope) }];
  if (filter.siteId !== undefined) conditions.push({ siteId: filter.siteId });
  if (filter.finding !== undefined) conditions.push(whereFinding(filter.finding));
  if (filter.laterality !== undefined || filter.view !== undefined) {
    conditions.push({
      instances: {
        some: {
          ...(filter.laterality === undefined ? {} : { laterality: filter.laterality }),
          ...(filter.view === undefined ? {} : { view: filter.view }),
        },
      },
    });
  }
  if (filter.from !== undefined) conditions.push({ study: { studyDate: { gte: new Date(filter.from) } } });
  if (filter.to !== undefined) conditions.push({ study: { studyDate: { lte: new Date(filter.to) } } });
  if (filter.search !== undefined && filter.search !== "") {
    const contains = { contains: filter.search, mode: "insensitive" as const };
    conditions.push({ OR: [{ label: contains }, { subject: { pseudonym: contains } }] });
  }
  return { AND: conditions };
}

const inForce = { supersededAt: null };

/** A case counts as its worst breast: malignant before benign before normal. */
function whereFinding(finding: Finding | "unknown"): Prisma.CaseWhereInput {
  const some = (value: Finding) => ({ referenceStandards: { some: { ...inForce, finding: value } } });
  switch (finding) {
    case "malignant":
      return some("malignant");
    case "benign":
      return { AND: [some("benign"), { NOT: some("malignant") }] };
    case "normal":
      return { AND: [some("normal"), { NOT: { OR: [some("benign"), some("malignant")] } }] };
    case "unknown":
      return { referenceStandards: { none: inForce } };
  }
}

export interface StudyCounts {
  readonly bySite: readonly {
    readonly siteId: string;
    readonly name: string;
    readonly colourIndex: number;
    readonly caseCount: number;
  }[];
}

export async function countStudies(db: Database, viewer: ImageViewer): Promise<StudyCounts> {
  const [sites, counts] = await Promise.all([
    db.site.findMany({
      where: viewer.scope === "all" ? {} : { id: { in: [...viewer.scope] } },
      orderBy: { name: "asc" },
      select: { id: true, name: true, colourIndex: true },
    }),
    db.case.groupBy({
      by: ["siteId"],
      where: { siteId: whereSite(viewer.scope), ...whereNotPendingFor(viewer.userId) },
      _count: true,
    }),
  ]);
  return {
    bySite: sites.map((site) => ({
      siteId: site.id,
      name: site.name,
      colourIndex: site.colourIndex,
      caseCount: counts.find((row) => row.siteId === site.id)?._count ?? 0,
    })),
  };
}

export interface RefusedFileRow {
  readonly refusedFileId: string;
  readonly siteName: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly receivedAt: Date;
}

/** Files that were refused and not yet sent again in an acceptable form, newest first. */
export async function listRefusedFiles(
  db: Database,
  options: { scope: SiteScope; page: number; pageSize: number },
): Promise<{ rows: RefusedFileRow[]; totalCount: number }> {
  const where = { siteId: whereSite(options.scope), resolvedAt: null };
  const [totalCount, rows] = await Promise.all([
    db.refusedFile.count({ where }),
    db.refusedFile.findMany({
      where,
      orderBy: [{ receivedAt: "desc" }, { id: "desc" }],
      skip: options.page * options.pageSize,
      take: options.pageSize,
      include: { site: { select: { name: true } } },
    }),
  ]);
  return {
    totalCount,
    rows: rows.map((row) => ({
      refusedFileId: row.id,
      siteName: row.site.name,
      sha256: row.sha256,
      sizeBytes: row.sizeBytes,
      code: row.code,
      message: row.message,
      remedy: row.remedy,
      receivedAt: row.receivedAt,
    })),
  };
}
