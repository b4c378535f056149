import { z } from "zod";

/** Where the images of a demonstration come from: mini-MIAS as it is published, or a dataset that an importer wrote. */
export const datasetSourceSchema = z.strictObject({
  kind: z.enum(["mias", "imported"]),
  directory: z.string().min(1),
});
export type DatasetSource = z.infer<typeof datasetSourceSchema>;

/** KIND=DIR; undefined where it is not of that form. */
export function parseDatasetSource(text: string): DatasetSource | undefined {
  const at = text.indexOf("=");
  const parsed = datasetSourceSchema.safeParse({ kind: text.slice(0, at), directory: text.slice(at + 1) });
  return parsed.success ? parsed.data : undefined;
}
