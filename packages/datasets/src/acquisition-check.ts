import type { Acquisition, DatasetManifest } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";

/** Film-digitised and digital images differ in everything but the breast: mixed at a site only by those who say so. */
export function assertOneAcquisitionPerSite(manifest: DatasetManifest): void {
  const bySite = new Map<string, Map<Acquisition, number>>();
  for (const { acquisition = manifest.acquisition, siteId = "the dataset" } of manifest.images) {
    const counts = bySite.get(siteId) ?? new Map<Acquisition, number>();
    counts.set(acquisition, (counts.get(acquisition) ?? 0) + 1);
    bySite.set(siteId, counts);
  }
  for (const [site, counts] of bySite) {
    if (counts.size <= 1) continue;
    const found = [...counts].map(([acquisition, count]) => `${count} ${acquisition}`).join(" and ");
    throw new DomainError(
      "cohort-invalid",
      `Images of one site come from one kind of acquisition, but ${site} has ${found}. Give them sites of their own, or allow the mixture with --allow-mixed-acquisition.`,
    );
  }
}
