import { closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { datasetManifestSchema } from "@crossread/contracts/dataset-manifest";

/**
 * Why the pages cannot show a dataset, undefined where nothing is known against it. The pages show millimetres, and copies as PNG or PGM do not tell the size of their pixels: said before the start, not
 * by a job that fails after it. What else may be wrong with a dataset, the job says.
 */
export function whyNotShowable(directory: string): string | undefined {
  const file = join(directory, "dataset.json");
  if (!existsSync(file)) return undefined;
  const manifest = datasetManifestSchema.safeParse(parseJson(readFileSync(file, "utf8")));
  if (!manifest.success || manifest.data.source === "mias") return undefined;
  const { images } = manifest.data;
  const converted = images.filter((image) => !isDicom(join(directory, image.file)));
  if (converted.length === 0) return undefined;
  return (
    `${converted.length} of ${images.length} images are no DICOM files (the first is ${converted[0]?.imageId ?? ""}). ` +
    "The pages need the size of pixels, which copies as PNG or PGM do not tell: import the original DICOM files. " +
    "crossread train, evaluate and federate take such a dataset as it is."
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** PS3.10: "DICM" after a preamble of 128 bytes. */
function isDicom(path: string): boolean {
  if (!existsSync(path)) return true;
  const handle = openSync(path, "r");
  try {
    const mark = Buffer.alloc(4);
    readSync(handle, mark, 0, 4, 128);
    return mark.toString("latin1") === "DICM";
  } finally {
    closeSync(handle);
  }
}
