import type { Finding } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import { createRandom, type Random } from "@crossread/metrics/random";
import type { ImageFrame } from "./phantom-breast.ts";
import { generatePhantomStudy, type PhantomStudy } from "./phantom-study.ts";
import { breastDensities, createTissueSynthesizer, type BreastDensity } from "./phantom-tissue.ts";
import { vendorLooks, type VendorLook } from "./phantom-vendor.ts";

export const defaultPhantomFrame: ImageFrame = { widthPx: 600, heightPx: 750, pixelSizeMm: 0.4 };

export interface PhantomSiteOptions {
  /** 0-based. */
  readonly siteIndex: number;
  /** Subjects, four images each. */
  readonly caseCount: number;
  readonly seed: number;
  /** Mean over sites of the share of subjects with a malignant breast; a site deviates by up to a fifth. */
  readonly malignantFraction?: number;
  readonly benignFraction?: number;
  /** 0 obvious lesions, 1 barely above the tissue. */
  readonly difficulty?: number;
  readonly frame?: ImageFrame;
}

export interface PhantomSite {
  readonly siteId: string;
  readonly look: VendorLook;
  readonly caseCount: number;
  /** Rendered one at a time: a study of four views holds about 4 MB. */
  readonly studies: () => Generator<PhantomStudy, void, undefined>;
}

/** Shares of density A to D; sites serve different populations. */
const densityMixes: readonly (readonly [number, number, number, number])[] = [
  [0.12, 0.42, 0.36, 0.1],
  [0.2, 0.46, 0.28, 0.06],
  [0.06, 0.3, 0.44, 0.2],
];
const prevalenceFactors = [1, 0.82, 1.18] as const;
const meanAges = [58, 64, 52] as const;

/** One site of a synthetic federation: its own make of detector, population and prevalence. */
export function generatePhantomSite(options: PhantomSiteOptions): PhantomSite {
  const { siteIndex, caseCount, seed } = options;
  const malignantFraction = options.malignantFraction ?? 0.4;
  const benignFraction = options.benignFraction ?? 0.25;
  const difficulty = options.difficulty ?? 0.3;
  assertWholeNumber("siteIndex", siteIndex, 0);
  assertWholeNumber("caseCount", caseCount, 1);
  assertWholeNumber("seed", seed, 0);
  for (const [name, value] of Object.entries({ malignantFraction, benignFraction, difficulty })) {
    if (!(value >= 0 && value <= 1)) {
      throw new DomainError("plan-invalid", `A phantom's ${name} must lie in [0, 1], got ${value}.`);
    }
  }
  const frame = options.frame ?? defaultPhantomFrame;
  assertFrame(frame);
  const random = createRandom(seed).fork(`site ${siteIndex}`);
  const look = siteLook(siteIndex, random.fork("look"));
  const findings = planFindings({
    caseCount,
    malignantFraction: Math.min(1, malignantFraction * pick(prevalenceFactors, siteIndex)),
    benignFraction,
    random: random.fork("findings"),
  });
  const siteId = `site-${siteIndex + 1}`;
  return {
    siteId,
    look,
    caseCount,
    *studies() {
      const synthesizer = createTissueSynthesizer(frame);
      for (const [caseIndex, finding] of findings.entries()) {
        const caseRandom = random.fork(`case ${caseIndex}`);
        yield generatePhantomStudy({
          subjectId: `P${siteIndex + 1}-${String(caseIndex + 1).padStart(4, "0")}`,
          finding,
          density: sampleDensity(pick(densityMixes, siteIndex), caseRandom.fork("density")),
          ageYears: sampleAge(pick(meanAges, siteIndex), caseRandom.fork("age")),
          difficulty,
          look,
          synthesizer,
          random: caseRandom,
        });
      }
    },
  };
}

const pick = <TItem>(items: readonly TItem[], index: number): TItem => items[index % items.length]!;

function assertWholeNumber(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new DomainError(
      "plan-invalid",
      `A phantom's ${name} must be a whole number from ${least}, got ${value}.`,
    );
  }
}

function assertFrame(frame: ImageFrame): void {
  assertWholeNumber("widthPx", frame.widthPx, 64);
  assertWholeNumber("heightPx", frame.heightPx, 64);
  const heightMm = frame.heightPx * frame.pixelSizeMm;
  const widthMm = frame.widthPx * frame.pixelSizeMm;
  if (!(
    frame.pixelSizeMm >= 0.05 &&
    heightMm >= 280 &&
    heightMm <= 320 &&
    widthMm >= 180 &&
    widthMm <= 260
  )) {
    throw new DomainError(
      "plan-invalid",
      `A phantom's detector must measure 180–260 × 280–320 mm with pixels of at least 0.05 mm, got ${widthMm} × ${heightMm} mm with ${frame.pixelSizeMm} mm.`,
    );
  }
}

/** The makes repeat after three sites; later sites with the same make are tuned a little differently. */
function siteLook(siteIndex: number, random: Random): VendorLook {
  const look = pick(vendorLooks, siteIndex);
  if (siteIndex < vendorLooks.length) return look;
  return {
    ...look,
    noise: look.noise * (0.8 + 0.4 * random.next()),
    curve: {
      midpoint: look.curve.midpoint + 0.06 * (random.next() - 0.5),
      slope: look.curve.slope * (0.9 + 0.2 * random.next()),
    },
  };
}

interface FindingPlan {
  readonly caseCount: number;
  readonly malignantFraction: number;
  readonly benignFraction: number;
  readonly random: Random;
}

/** Exact counts in random order, so that a small site has both classes whenever its fractions allow it. */
function planFindings(plan: FindingPlan): Finding[] {
  const { caseCount, malignantFraction } = plan;
  const rounded = Math.round(caseCount * malignantFraction);
  const isMixed = malignantFraction > 0 && malignantFraction < 1 && caseCount > 1;
  const malignantCount = isMixed ? Math.min(caseCount - 1, Math.max(1, rounded)) : rounded;
  const benignCount = Math.min(caseCount - malignantCount, Math.round(caseCount * plan.benignFraction));
  const findings: Finding[] = Array.from({ length: caseCount }, (_, index) =>
    index < malignantCount ? "malignant" : index < malignantCount + benignCount ? "benign" : "normal",
  );
  return plan.random.shuffle(findings);
}

function sampleDensity(mix: readonly number[], random: Random): BreastDensity {
  let left = random.next();
  for (const [index, density] of breastDensities.entries()) {
    left -= mix[index] ?? 0;
    if (left < 0) return density;
  }
  return "D";
}

function sampleAge(meanYears: number, random: Random): number {
  return Math.round(Math.min(85, Math.max(40, meanYears + 9 * random.normal())));
}
