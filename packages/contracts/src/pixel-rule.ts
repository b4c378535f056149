/** What is done about an image whose pixels may hold text: by a person, by a rule of the site, or by who sent it. */
import { z } from "zod";

const coordinateSchema = z.int().min(0).max(65_535);

/** In pixels of the stored image. */
export const pixelRegionSchema = z.strictObject({
  xPx: coordinateSchema,
  yPx: coordinateSchema,
  widthPx: z.int().min(1).max(65_535),
  heightPx: z.int().min(1).max(65_535),
});
type Region = z.infer<typeof pixelRegionSchema>;

export const pixelRegionsSchema = z.array(pixelRegionSchema).max(200);

/** "allow": nobody is named, the pixels stay; "mask": the regions are overwritten. */
export const pixelAnswerSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("allow") }),
  z.strictObject({ kind: z.literal("mask"), regions: pixelRegionsSchema.min(1) }),
]);
export type PixelAnswer = z.infer<typeof pixelAnswerSchema>;

/** Images that one device makes in one size: text that it burns in stands in the same places. */
export const imageSourceSchema = z.strictObject({
  manufacturer: z.string().min(1).max(64),
  model: z.string().min(1).max(64),
  rows: z.int().positive(),
  columns: z.int().positive(),
});
export type ImageSource = z.infer<typeof imageSourceSchema>;

export const pixelRuleSchema = imageSourceSchema.extend({
  ruleId: z.uuid(),
  kind: z.enum(["allow", "mask"]),
  regions: pixelRegionsSchema.min(1),
});
export type PixelRule = z.infer<typeof pixelRuleSchema>;

export const isSameSource = (first: ImageSource, second: ImageSource): boolean =>
  first.manufacturer === second.manufacturer &&
  first.model === second.model &&
  first.rows === second.rows &&
  first.columns === second.columns;

/** Letters of another length or font end a little elsewhere. */
const toleranceShare = 0.01;
/** What is overwritten may reach further than before; it was found to look like text. */
const maskedShare = 0.5;

/**
 * The answer of a rule to text that was found, or undefined where some of it lies elsewhere: then a person is asked.
 * Text is allowed only wholly inside the places of the rule; it is masked where it lies in them by half, and then
 * the places of the rule are covered as well.
 */
export function answerOfRule(
  rule: Pick<PixelRule, "kind" | "regions" | "rows" | "columns">,
  found: readonly Region[],
): PixelAnswer | undefined {
  if (found.length === 0) return undefined;
  const tolerancePx = Math.ceil(toleranceShare * Math.max(rule.rows, rule.columns));
  const share = (region: Region) => coveredShare(region, rule.regions, tolerancePx);
  if (rule.kind === "allow") {
    return found.every((region) => share(region) === 1) ? { kind: "allow" } : undefined;
  }
  if (!found.every((region) => share(region) >= maskedShare)) return undefined;
  const regions = [...rule.regions, ...found.filter((region) => coveredShare(region, rule.regions, 0) < 1)];
  return { kind: "mask", regions: regions.slice(0, 200) };
}

/** Share of a region's area that lies in others, each grown on every side. */
function coveredShare(region: Region, others: readonly Region[], marginPx: number): number {
  // Cut along every edge of the others, so that each piece lies wholly inside or outside of them.
  const grown = others.map(({ heightPx, widthPx, xPx, yPx }) => ({
    left: xPx - marginPx,
    right: xPx + widthPx + marginPx,
    top: yPx - marginPx,
    bottom: yPx + heightPx + marginPx,
  }));
  const columns = cuts(
    region.xPx,
    region.widthPx,
    grown.flatMap(({ left, right }) => [left, right]),
  );
  const rows = cuts(
    region.yPx,
    region.heightPx,
    grown.flatMap(({ bottom, top }) => [top, bottom]),
  );
  let coveredPx = 0;
  for (const [left, right] of columns) {
    for (const [top, bottom] of rows) {
      const isCovered = grown.some(
        (other) => other.left <= left && right <= other.right && other.top <= top && bottom <= other.bottom,
      );
      if (isCovered) coveredPx += (right - left) * (bottom - top);
    }
  }
  return coveredPx / (region.widthPx * region.heightPx);
}

function cuts(start: number, length: number, edges: readonly number[]): (readonly [number, number])[] {
  const inside = edges.filter((edge) => edge > start && edge < start + length);
  const all = [...new Set([start, ...inside, start + length])].sort((first, second) => first - second);
  return all.slice(1).map((end, index) => [all[index] ?? start, end] as const);
}
