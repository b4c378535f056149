import type { Finding, Laterality, LesionMark, View } from "@crossread/contracts/dataset-manifest";
import { markGeometrySchema, type MarkKind } from "@crossread/contracts/mark";
import type { Database } from "./database.ts";
import { toJsonColumn } from "./json-column.ts";

/** One accepted file: everything that rows need, and nothing that identifies a person. */
export interface IngestRecord {
  readonly pseudonym: string;
  readonly studyInstanceUid: string;
  /** YYYY-MM-DD */
  readonly studyDate?: string | undefined;
  readonly patientAgeYears?: number | undefined;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly sopClassUid?: string | undefined;
  readonly laterality: Laterality;
  readonly view: View;
  readonly rows: number;
  readonly columns: number;
  readonly bitsStored: number;
  readonly photometricInterpretation: string;
  readonly imagerPixelSpacingMm?: number | undefined;
  readonly manufacturer?: string | undefined;
  readonly manufacturerModelName?: string | undefined;
  readonly hasBreastImplant?: boolean | undefined;
  /** Of dicom/mammography-labels; none where absent. */
  readonly labels?: readonly string[] | undefined;
  readonly blobKey: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly thumbnailKey: string;
  readonly perceptualHash?: string | undefined;
}

export type IngestOutcome =
  | { readonly ok: true; readonly instanceId: string; readonly caseId: string; readonly isNew: boolean }
  | { readonly ok: false; readonly message: string; readonly remedy: string };

export interface DataSetReference {
  readonly caseId: string;
  readonly density: string | null;
  readonly findings: readonly { readonly laterality: Laterality; readonly finding: Finding }[];
  readonly lesions: readonly {
    readonly instanceId: string;
    readonly kind: MarkKind;
    readonly mark: LesionMark;
  }[];
}

/** Reference standard and lesion marks that a data set brings along; what is in force already stays. */
export async function storeDataSetReference(db: Database, reference: DataSetReference): Promise<void> {
  await db.$transaction(async (tx) => {
    // One writer at a time per case, so that a repeated job does not add the marks twice.
    await tx.$queryRaw`SELECT 1 FROM cases WHERE id = ${reference.caseId}::uuid FOR UPDATE`;
    if (reference.density !== null) {
      await tx.case.updateMany({
        where: { id: reference.caseId, density: null },
        data: { density: reference.density },
      });
    }
    const inForce = await tx.referenceStandard.findMany({
      where: { caseId: reference.caseId, supersededAt: null },
      select: { laterality: true },
    });
    const known = new Set(inForce.map(({ laterality }) => laterality));
    await tx.referenceStandard.createMany({
      data: reference.findings
        .filter(({ laterality }) => !known.has(laterality))
        .map((finding) => ({ caseId: reference.caseId, ...finding, source: "data_set" as const })),
    });
    const marked = await tx.annotation.count({
      where: { source: "reference", instance: { caseId: reference.caseId } },
    });
    if (marked > 0) return;
    await tx.annotation.createMany({
      data: reference.lesions.map(({ instanceId, kind, mark }) => ({
        instanceId,
        source: "reference" as const,
        geometry: toJsonColumn(
          markGeometrySchema.parse({
            shape: mark.shape,
            xPx: mark.xPx,
            yPx: mark.yPx,
            radiusPx: mark.radiusPx,
          }),
        ),
        kind,
        finding: mark.finding,
      })),
    });
  });
}
