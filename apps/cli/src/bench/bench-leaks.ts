import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DomainError } from "@crossread/contracts/errors";
import { createFingerprintIndex } from "@crossread/datasets/fingerprint-index";
import { isCopy, registerFingerprints } from "@crossread/datasets/fingerprint-registration";
import { decodeFingerprint, fingerprintImage } from "@crossread/datasets/image-fingerprint";
import type { GrayImage } from "@crossread/dicom/gray-image";
import { readImageFile } from "@crossread/dicom/image-file";
import { clopperPearsonInterval } from "@crossread/metrics/binomial-interval";
import { quantile } from "@crossread/metrics/quantile";
import { createRandom } from "@crossread/metrics/random";
import { plantedKinds } from "./planted-copies.ts";
import type { BenchSettings } from "./settings.ts";

interface Share {
  readonly count: number;
  readonly total: number;
  /** 95 %, Clopper–Pearson. */
  readonly interval: readonly [number, number];
}

export interface LeakMeasurement {
  readonly title: string;
  readonly filmCount: number;
  readonly found: readonly (Share & {
    readonly name: string;
    /** Least and 5 % quantile of the places that agree with the film copied. */
    readonly leastAgreeing: number;
    readonly lowAgreeing: number;
  })[];
  readonly foundOverall: Share;
  /** Different films called copies, all pairs compared without the index. */
  readonly falsePairs: Share & { readonly names: readonly (readonly [string, string])[] };
  /** Copies found to show another film than theirs. */
  readonly falseFinds: Share & { readonly names: readonly (readonly [string, string])[] };
  readonly fingerprintMs: number;
  readonly meanBytes: number;
  readonly scaling: readonly {
    readonly images: number;
    readonly addMs: number;
    readonly findMs: number;
    readonly wholeSeconds: number;
  }[];
}

interface Film {
  readonly name: string;
  readonly gray: GrayImage;
  readonly fingerprint: Uint8Array;
}

const seed = 20;
const fixedKindStride = 4;
const scalingSizes = [1_000, 5_000, 20_000];

/** Altered copies planted among real films: how many are found, and what else is. */
export async function benchLeaks(settings: BenchSettings): Promise<LeakMeasurement[]> {
  if (settings.data === undefined) {
    throw new DomainError("usage", "bench leaks needs films: name their directory with --data.");
  }
  const start = performance.now();
  const films = await readFilms(settings.data);
  const fingerprintMs = (performance.now() - start) / films.length;
  settings.onProgress(`${films.length} films read and fingerprinted`);
  const falsePairs = compareAllPairs(films);
  settings.onProgress(`${falsePairs.total} pairs compared, ${falsePairs.count} called copies`);
  const planted = await plantCopies(films, settings);
  return [
    {
      title: `Copies planted among the ${films.length} films of ${settings.data}`,
      filmCount: films.length,
      ...planted,
      falsePairs,
      fingerprintMs,
      meanBytes: films.reduce((sum, film) => sum + film.fingerprint.length, 0) / films.length,
      scaling: scalingSizes.map((size) => {
        settings.onProgress(`Index of ${size} images`);
        return timeIndex(films, size);
      }),
    },
  ];
}

async function readFilms(directory: string): Promise<Film[]> {
  const names = (await readdir(directory)).filter((name) => /\.(pgm|png|dcm)$/i.test(name)).sort();
  if (names.length < 2) {
    throw new DomainError(
      "file-missing",
      `bench leaks needs two films or more, but ${directory} has ${names.length}.`,
    );
  }
  const films: Film[] = [];
  for (const name of names) {
    const { gray } = await readImageFile(await readFile(join(directory, name)), name);
    films.push({ name, gray, fingerprint: fingerprintImage(gray) });
  }
  return films;
}

function compareAllPairs(films: readonly Film[]): LeakMeasurement["falsePairs"] {
  const decoded = films.map(({ fingerprint }) => decodeFingerprint(fingerprint));
  const names: [string, string][] = [];
  for (const [i, a] of decoded.entries()) {
    for (const [offset, b] of decoded.slice(i + 1).entries()) {
      const found = registerFingerprints(a, b);
      if (found !== undefined && isCopy(found)) names.push([films[i]!.name, films[i + 1 + offset]!.name]);
    }
  }
  return { ...shareOf(names.length, (films.length * (films.length - 1)) / 2), names };
}

async function plantCopies(
  films: readonly Film[],
  settings: BenchSettings,
): Promise<Pick<LeakMeasurement, "found" | "foundOverall" | "falseFinds">> {
  const index = createFingerprintIndex();
  for (const { fingerprint } of films) index.add(fingerprint);
  const random = createRandom(seed);
  const found: LeakMeasurement["found"][number][] = [];
  const falseNames: [string, string][] = [];
  for (const kind of plantedKinds) {
    let foundCount = 0;
    const agreeing: number[] = [];
    for (const [number, film] of films.entries()) {
      if (!kind.isRandom && number % fixedKindStride !== 0) continue;
      for (let repeat = 0; repeat < (kind.isRandom ? settings.rounds : 1); repeat++) {
        const copy = await kind.copy(film.gray, random.fork(`${kind.name}/${film.name}/${repeat}`));
        const fingerprint = fingerprintImage(copy);
        const copies = index.find(fingerprint);
        if (copies.some(({ other }) => other === number)) foundCount++;
        for (const { other } of copies) {
          if (other !== number) falseNames.push([`${film.name}, ${kind.name}`, films[other]!.name]);
        }
        const registration = registerFingerprints(
          decodeFingerprint(film.fingerprint),
          decodeFingerprint(fingerprint),
        );
        agreeing.push(registration?.agreeingCount ?? 0);
      }
    }
    found.push({
      name: kind.name,
      ...shareOf(foundCount, agreeing.length),
      leastAgreeing: Math.min(...agreeing),
      lowAgreeing: quantile(agreeing, 0.05),
    });
    settings.onProgress(`${kind.name}: ${foundCount} of ${agreeing.length}`);
  }
  const total = found.reduce((sum, row) => sum + row.total, 0);
  return {
    found,
    foundOverall: shareOf(
      found.reduce((sum, row) => sum + row.count, 0),
      total,
    ),
    falseFinds: { ...shareOf(falseNames.length, total * (films.length - 1)), names: falseNames },
  };
}

/** Points of real films in new combinations: codes as crowded as real ones, and no two images alike. */
function timeIndex(films: readonly Film[], images: number): LeakMeasurement["scaling"][number] {
  const random = createRandom(seed).fork("scaling");
  const [headerBytes, pointBytes] = [4, 20];
  const mixed = Array.from({ length: images }, () => {
    const bytes = films[random.nextInt(films.length)]!.fingerprint.slice();
    for (let at = headerBytes; at < bytes.length; at += pointBytes) {
      const donor = films[random.nextInt(films.length)]!.fingerprint;
      const point = headerBytes + pointBytes * random.nextInt((donor.length - headerBytes) / pointBytes);
      bytes.set(donor.subarray(point, point + pointBytes), at);
      bytes[at] = random.nextInt(256);
      bytes[at + 1] = random.nextInt(256);
      for (let flip = 0; flip < 12; flip++) bytes[at + 4 + random.nextInt(16)]! ^= 1 << random.nextInt(8);
    }
    return bytes;
  });
  const index = createFingerprintIndex();
  const start = performance.now();
  let findMs = 0;
  for (const fingerprint of mixed) {
    const before = performance.now();
    index.find(fingerprint);
    findMs += performance.now() - before;
    index.add(fingerprint);
  }
  const wholeMs = performance.now() - start;
  return {
    images,
    addMs: (wholeMs - findMs) / images,
    findMs: findMs / images,
    wholeSeconds: wholeMs / 1000,
  };
}

function shareOf(count: number, total: number): Share {
  const { lower, upper } = clopperPearsonInterval(count, total);
  return { count, total, interval: [lower, upper] };
}

const percent = (share: number) => `${(100 * share).toFixed(share > 0 && share < 0.01 ? 4 : 1)} %`;
const shareText = ({ count, interval, total }: Share) =>
  `${count} of ${total} (${percent(count / total)}, 95 % ${percent(interval[0])} to ${percent(interval[1])})`;

export function describeLeaks(measured: LeakMeasurement): string {
  return [
    measured.title,
    ...measured.found.map(
      (row) =>
        `  ${row.name}: found ${shareText(row)}; places that agree: least ${row.leastAgreeing}, 5 % quantile ${row.lowAgreeing.toFixed(0)}`,
    ),
    `  all kinds: found ${shareText(measured.foundOverall)}`,
    `  different films called copies: ${shareText(measured.falsePairs)} ${measured.falsePairs.names.map((pair) => pair.join("/")).join(", ")}`,
    `  copies found to show another film: ${shareText(measured.falseFinds)} ${[...new Set(measured.falseFinds.names.map(([, other]) => other))].join(", ")}`,
    `  decoding and fingerprint ${measured.fingerprintMs.toFixed(0)} ms an image, ${measured.meanBytes.toFixed(0)} bytes`,
    ...measured.scaling.map(
      (row) =>
        `  index of ${row.images}: ${row.findMs.toFixed(1)} ms a search, ${row.addMs.toFixed(2)} ms to add, ${row.wholeSeconds.toFixed(1)} s for all`,
    ),
  ].join("\n");
}
