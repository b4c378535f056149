import type { Acquisition } from "@crossread/contracts/dataset-manifest";

/** An enum member of Prisma cannot hold the hyphen of the contract. */
export const toAcquisition = (stored: "film_digitised" | "digital" | "synthetic"): Acquisition =>
  stored === "film_digitised" ? "film-digitised" : stored;
