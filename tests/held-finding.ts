import type { HeldFile } from "@crossread/contracts/held-file";

/** What the worker finds of a file whose pixels may hold text. */
export function heldFinding(
  file: { readonly sha256: string; readonly sizeBytes: number },
  held: Pick<HeldFile, "blobKey" | "previewKey"> & Partial<HeldFile>,
) {
  const { sha256, sizeBytes } = file;
  return {
    ok: false as const,
    sha256,
    sizeBytes,
    code: "suspected-text",
    message: "It may hold text.",
    remedy: "Look at it.",
    held: {
      blobSha256: sha256,
      manufacturer: "",
      model: "",
      rows: 400,
      columns: 300,
      regions: [],
      deidentification: {
        profile: "crossread-mammography",
        tableVersion: "1",
        keyedDigestBefore: sha256,
        wasOurs: false,
        pixels: "suspected-text" as const,
        actions: [],
      },
      ...held,
    },
  };
}
