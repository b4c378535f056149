import { generatePhantomSite } from "@crossread/datasets/phantom-cohort";
import { identifiers, plantIdentifiers } from "@crossread/dicom/deidentify/testing/plant-identifiers";
import { writeMammogram } from "@crossread/dicom/write-mammogram";

export interface PlantedPhantoms {
  /** Full of identifiers of one invented woman. */
  readonly planted: readonly Uint8Array<ArrayBuffer>[];
  readonly plain: readonly Uint8Array<ArrayBuffer>[];
  readonly identifiers: readonly string[];
}

/** Three studies of four views with identifiers in every kind of place, and one study without. */
export function plantedPhantoms(seed: number): PlantedPhantoms {
  const site = generatePhantomSite({
    siteIndex: 0,
    caseCount: 4,
    seed,
    frame: { widthPx: 300, heightPx: 375, pixelSizeMm: 0.8 },
  });
  const files = [...site.studies()].flatMap(({ instances }) =>
    instances.map(({ header, pixels }) => new Uint8Array(writeMammogram(header, pixels))),
  );
  const planted = files.slice(0, 12).map((bytes, index) => {
    const laden = plantIdentifiers(bytes, `phantom ${index}`);
    if (laden === undefined) throw new Error("Nothing can be planted in a phantom");
    return new Uint8Array(laden);
  });
  return { planted, plain: files.slice(12), identifiers };
}
