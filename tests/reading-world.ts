import type { Database } from "@crossread/db/database";
import { toJsonColumn } from "@crossread/db/json-column";

export interface ReaderStudyWorld {
  readonly siteIds: readonly string[];
  readonly readerIds: readonly string[];
  /** Radiologist at the first site only. */
  readonly outsiderId: string;
  readonly cohortId: string;
  readonly checkpointId: string;
  readonly unexplainedCheckpointId: string;
  readonly caseIds: readonly string[];
}

/** Rows for tests of reading: sites with four-view cases in the internal test split, each with scores and maps. */
export async function seedReaderStudyWorld(
  db: Database,
  size: { siteCount: number; casesPerSite: number },
): Promise<ReaderStudyWorld> {
  const siteIds: string[] = [];
  for (let index = 0; index < size.siteCount; index++) {
    const site = await db.site.create({
      data: {
        code: `site-${index}`,
        name: `Secret Hospital ${index}`,
        colourIndex: index,
        acquisition: "synthetic",
      },
    });
    siteIds.push(site.id);
  }
  const createReader = async (name: string, sites: readonly string[]) => {
    const user = await db.user.create({
      data: {
        email: `${name}@example.org`,
        name,
        passwordHash: "x",
        memberships: { create: sites.map((siteId) => ({ siteId, role: "radiologist" as const })) },
      },
    });
    return user.id;
  };
  const readerIds = [await createReader("reader-1", siteIds), await createReader("reader-2", siteIds)];
  const outsiderId = await createReader("outsider", siteIds.slice(0, 1));
  const cohort = await db.cohort.create({ data: { name: "Cohort", seed: 1 } });
  const createCheckpoint = (name: string) =>
    db.checkpoint.create({
      data: { name, sha256: name, blobKey: `checkpoints/${name}.safetensors`, manifest: {}, roundNumber: 0 },
    });
  const checkpoint = await createCheckpoint("explained");
  const unexplained = await createCheckpoint("unexplained");
  const caseIds: string[] = [];
  for (const siteId of siteIds) {
    for (let index = 0; index < size.casesPerSite; index++) {
      const caseId = await seedCase(db, { siteId, index, isMalignant: index % 2 === 0 });
      const { subjectId } = await db.case.findUniqueOrThrow({ where: { id: caseId } });
      await db.cohortSubject.create({
        data: { cohortId: cohort.id, subjectId, siteId, split: "internal_test" },
      });
      await db.cohortCase.create({
        data: { cohortId: cohort.id, caseId, subjectId, split: "internal_test" },
      });
      await explain(db, caseId, checkpoint.id);
      caseIds.push(caseId);
    }
  }
  await db.cohort.update({ where: { id: cohort.id }, data: { digest: "d", frozenAt: new Date(0) } });
  return {
    siteIds,
    readerIds,
    outsiderId,
    cohortId: cohort.id,
    checkpointId: checkpoint.id,
    unexplainedCheckpointId: unexplained.id,
    caseIds,
  };
}

async function seedCase(
  db: Database,
  options: { siteId: string; index: number; isMalignant: boolean },
): Promise<string> {
  const { siteId, index } = options;
  const name = `${siteId}-${index}`;
  const subject = await db.subject.create({ data: { siteId, pseudonym: `SECRET-${index}` } });
  const study = await db.study.create({
    data: {
      siteId,
      subjectId: subject.id,
      studyInstanceUid: `2.25.${BigInt(`0x${siteId.replaceAll("-", "")}`)}.${index}`,
      studyDate: new Date(Date.UTC(2024, index, 1)),
      series: { create: { seriesInstanceUid: `series-${name}` } },
    },
    select: { id: true, series: { select: { id: true } } },
  });
  const created = await db.case.create({
    data: { siteId, subjectId: subject.id, studyId: study.id, label: `SECRET-CASE-${index}` },
  });
  for (const laterality of ["R", "L"] as const) {
    await db.referenceStandard.create({
      data: {
        caseId: created.id,
        laterality,
        finding: options.isMalignant && laterality === "L" ? "malignant" : "normal",
        source: "data_set",
      },
    });
    for (const view of ["CC", "MLO"] as const) {
      const key = `${name}-${laterality}-${view}`;
      const instance = await db.instance.create({
        data: {
          siteId,
          seriesId: study.series[0]?.id ?? "",
          caseId: created.id,
          sopInstanceUid: `sop-${key}`,
          laterality,
          view,
          rows: 400,
          columns: 300,
          bitsStored: 12,
          photometricInterpretation: "MONOCHROME2",
          imagerPixelSpacingMm: 0.2,
          manufacturer: "Secret Vendor",
          blobKey: `instances/${key}.dcm`,
          thumbnailKey: `thumbnails/${key}.png`,
          sha256: key,
          sizeBytes: 1,
        },
      });
      if (options.isMalignant && laterality === "L") {
        await db.annotation.create({
          data: {
            instanceId: instance.id,
            source: "reference",
            geometry: { shape: "circle", xPx: 100, yPx: 200, radiusPx: 15 },
            kind: "mass",
            finding: "malignant",
          },
        });
      }
    }
  }
  return created.id;
}

async function explain(db: Database, caseId: string, checkpointId: string): Promise<void> {
  const instances = await db.instance.findMany({ where: { caseId }, select: { id: true } });
  for (const instance of instances) {
    await db.prediction.create({ data: { checkpointId, instanceId: instance.id, score: 0.8125 } });
    await db.saliencyMap.create({
      data: {
        checkpointId,
        instanceId: instance.id,
        classLabel: "malignant",
        layer: "cbam",
        blobKey: `maps/${instance.id}.png`,
        widthPx: 384,
        heightPx: 512,
        transform: toJsonColumn({
          imageWidthPx: 300,
          imageHeightPx: 400,
          inputSizePx: 224,
          scale: 0.56,
          offsetXPx: 28,
          offsetYPx: 0,
        }),
      },
    });
  }
}
