import type { EpochSummary } from "@crossread/model/training-state";

const panel = { widthPx: 640, heightPx: 220, leftPx: 64, rightPx: 16, topPx: 28, bottomPx: 36 } as const;
/** Blue and orange: told apart by everybody; grey for what has one curve. */
const colours = { training: "#2563a8", tuning: "#d97706", norm: "#52606d" } as const;

interface Curve {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** Loss and gradient norm by epoch, as a drawing of its own that any browser shows. */
export function curvesSvg(
  history: readonly EpochSummary[],
  options: { readonly selectedEpoch: number },
): string {
  const curve = (name: string, colour: string, pick: (row: EpochSummary) => number | null): Curve => ({
    name,
    colour,
    points: history.flatMap((row) => {
      const y = pick(row);
      return y === null ? [] : [{ x: row.epoch, y }];
    }),
  });
  const panels = [
    {
      title: "Cross-entropy",
      curves: [
        curve("training", colours.training, (row) => row.trainLoss),
        curve("tuning", colours.tuning, (row) => row.tuningLoss),
      ].filter(({ points }) => points.length > 0),
    },
    { title: "Gradient norm", curves: [curve("training", colours.norm, (row) => row.gradientNorm)] },
  ];
  const height = panels.length * panel.heightPx;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${panel.widthPx} ${height}" width="${panel.widthPx}" height="${height}" font-family="system-ui, sans-serif" font-size="11">`,
    `<title>Training curves, ${history.length} epochs, epoch ${options.selectedEpoch} kept</title>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...panels.map(({ curves, title }, index) =>
      panelSvg({ title, curves, topPx: index * panel.heightPx, selectedEpoch: options.selectedEpoch }),
    ),
    "</svg>\n",
  ].join("\n");
}

function panelSvg(drawing: {
  readonly title: string;
  readonly curves: readonly Curve[];
  readonly topPx: number;
  readonly selectedEpoch: number;
}): string {
  const { curves, selectedEpoch, title, topPx } = drawing;
  const points = curves.flatMap((curve) => curve.points);
  const lastEpoch = Math.max(2, ...points.map(({ x }) => x));
  const highest = niceCeiling(Math.max(1e-9, ...points.map(({ y }) => y)));
  const bottom = panel.heightPx - panel.bottomPx;
  const x = (epoch: number) =>
    panel.leftPx + ((epoch - 1) / (lastEpoch - 1)) * (panel.widthPx - panel.leftPx - panel.rightPx);
  const y = (value: number) => bottom - (value / highest) * (bottom - panel.topPx);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => share * highest);
  const epochs = [
    ...new Set([0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(1 + share * (lastEpoch - 1)))),
  ];
  return [
    `<g transform="translate(0 ${topPx})">`,
    `<text x="${panel.leftPx}" y="16" font-weight="600">${title}</text>`,
    ...curves.map(
      (curve, index) =>
        `<text x="${panel.widthPx - panel.rightPx - 70 * (curves.length - index)}" y="16" fill="${curve.colour}">— ${curve.name}</text>`,
    ),
    ...ticks.map(
      (tick) =>
        `<line x1="${panel.leftPx}" x2="${panel.widthPx - panel.rightPx}" y1="${round(y(tick))}" y2="${round(y(tick))}" stroke="#e2e8f0"/>` +
        `<text x="${panel.leftPx - 6}" y="${round(y(tick) + 4)}" text-anchor="end">${Number(tick.toPrecision(3))}</text>`,
    ),
    ...epochs.map(
      (epoch) => `<text x="${round(x(epoch))}" y="${bottom + 16}" text-anchor="middle">${epoch}</text>`,
    ),
    `<text x="${(panel.leftPx + panel.widthPx - panel.rightPx) / 2}" y="${bottom + 30}" text-anchor="middle">epoch</text>`,
    `<line x1="${round(x(selectedEpoch))}" x2="${round(x(selectedEpoch))}" y1="${panel.topPx}" y2="${bottom}" stroke="#94a3b8" stroke-dasharray="3 3"/>`,
    ...curves.map((curve) => curveSvg(curve, x, y)),
    "</g>",
  ].join("\n");
}

function curveSvg(curve: Curve, x: (epoch: number) => number, y: (value: number) => number): string {
  const places = curve.points.map((point) => `${round(x(point.x))},${round(y(point.y))}`);
  if (places.length === 1) {
    const [cx = "0", cy = "0"] = (places[0] ?? "").split(",");
    return `<circle cx="${cx}" cy="${cy}" r="3" fill="${curve.colour}"/>`;
  }
  return `<polyline points="${places.join(" ")}" fill="none" stroke="${curve.colour}" stroke-width="1.5"/>`;
}

/** The smallest of 1, 2, 2.5, 5 or 10 times a power of ten that is not below the value. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 5].find((step) => step * power >= value) ?? 10) * power;
}

const round = (value: number): number => Math.round(value * 10) / 10;
