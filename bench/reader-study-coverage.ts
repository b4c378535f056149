/**
 * How often the 95 % intervals of reader studies hold the true difference, in simulated studies of every design that
 * `arbitraryDesign` is for: `node --import tsx bench/reader-study-coverage.ts [STUDIES]`.
 */
import { arbitraryDesign } from "@crossread/metrics/arbitrary-design";
import { aucFigure, sensitivityFigure, type FigureOfMerit } from "@crossread/metrics/figure-of-merit";
import { normalCdf } from "@crossread/metrics/normal-distribution";
import { createRandom } from "@crossread/metrics/random";

const studies = Number(process.argv[2] ?? "1000");

interface Design {
  readonly name: string;
  /** Shape [R][P]. */
  readonly reads: readonly (readonly boolean[])[];
  readonly weights?: readonly number[];
  readonly breasts: 1 | 2;
}

/** Variances of Roe & Metz, Acad Radiol 4:298 (1997): structure HL (large between-reader, high between-case correlation). */
const variances = {
  reader: 0.011,
  conditionReader: 0.011,
  case: 0.3,
  conditionCase: 0.3,
  readerCase: 0.2,
  error: 0.2,
};
/** Mean of the malignant breasts' latent rating, aided and unaided. */
const separations = [1.7, 1.4] as const;

function draw(random: ReturnType<typeof createRandom>, { breasts, reads }: Design) {
  const patients = reads[0]!.length;
  const labels: number[] = [];
  const clusterIds: string[] = [];
  for (let patient = 0; patient < patients; patient++) {
    for (let breast = 0; breast < breasts; breast++) {
      labels.push(patient % 3 === 0 && breast === 0 ? 1 : 0);
      clusterIds.push(String(patient));
    }
  }
  const normal = (variance: number) => Math.sqrt(variance) * random.normal();
  // Half of a case's effect is the woman's where she has two breasts.
  const woman = Array.from({ length: patients }, () => normal(breasts === 2 ? variances.case / 2 : 0));
  const ofCase = labels.map(
    (_, index) =>
      normal(breasts === 2 ? variances.case / 2 : variances.case) + woman[Number(clusterIds[index])]!,
  );
  const ofConditionCase = separations.map(() => labels.map(() => normal(variances.conditionCase)));
  // An effect of readers for each class.
  const ofReader = reads.map(() => [normal(variances.reader), normal(variances.reader)]);
  const ofReaderCase = reads.map(() => labels.map(() => normal(variances.readerCase)));
  const ratings = separations.map((separation, condition) =>
    reads.map((row, reader) => {
      const own = [normal(variances.conditionReader), normal(variances.conditionReader)];
      return labels.map((label, index) => {
        const latent =
          label * separation +
          ofReader[reader]![label]! +
          own[label]! +
          ofCase[index]! +
          ofConditionCase[condition]![index]! +
          ofReaderCase[reader]![index]! +
          normal(variances.error);
        return row[Number(clusterIds[index])]! ? Math.round(40 + 16 * latent) : null;
      });
    }),
  );
  return {
    conditions: ["aided", "unaided"],
    readers: reads.map((_, r) => String(r)),
    labels,
    clusterIds,
    ratings,
  };
}

const perReader = 2 * (variances.reader + variances.conditionReader);
const perPair = 2 * (variances.case + variances.conditionCase + variances.readerCase + variances.error);
const trueAuc = (separation: number) => normalCdf(separation / Math.sqrt(perReader + perPair));
const threshold = 60;
const trueSensitivity = (separation: number) =>
  normalCdf((separation - (threshold - 0.5 - 40) / 16) / Math.sqrt((perReader + perPair) / 2));

function split(sizes: readonly number[], each: number): boolean[][] {
  return sizes.flatMap((size, group) =>
    Array.from({ length: size }, () =>
      Array.from({ length: sizes.length * each }, (_, patient) => Math.floor(patient / each) === group),
    ),
  );
}

const crossed = (readers: number, patients: number, isRead = (_reader: number, _patient: number) => true) =>
  Array.from({ length: readers }, (_, reader) =>
    Array.from({ length: patients }, (__, patient) => isRead(reader, patient)),
  );
const pairs = [0, 1, 2, 3, 4].flatMap((left) =>
  [0, 1, 2, 3, 4].filter((right) => right > left).map((right) => [left, right]),
);

const designs: readonly Design[] = [
  { name: "crossed, 5 readers, 90 patients", reads: crossed(5, 90), breasts: 1 },
  { name: "crossed, 5 readers, 90 patients of two breasts", reads: crossed(5, 90), breasts: 2 },
  { name: "groups of 4, 3 and 2 readers, 60 patients each", reads: split([4, 3, 2], 60), breasts: 1 },
  { name: "the same, two breasts a patient", reads: split([4, 3, 2], 60), breasts: 2 },
  { name: "groups of 3, 1 and 2 readers, 60 patients each", reads: split([3, 1, 2], 60), breasts: 2 },
  {
    name: "crossed, 6 readers, one of whom read 40 % and one 70 %, weights by share",
    reads: crossed(6, 90, (reader, patient) =>
      reader === 0 ? patient < 36 : reader === 1 ? patient < 63 : true,
    ),
    weights: [0.4, 0.7, 1, 1, 1, 1],
    breasts: 2,
  },
  {
    name: "two of 5 readers a case, in changing company",
    reads: crossed(5, 120, (reader, patient) => pairs[Math.floor(patient / 3) % 10]!.includes(reader)),
    breasts: 2,
  },
  {
    name: "groups of 3 readers, one of whom read half, weights by share",
    reads: split([3, 3], 60).map((row, reader) =>
      row.map((isRead, patient) => isRead && (reader > 0 || patient < 30)),
    ),
    weights: [0.5, 1, 1, 1, 1, 1],
    breasts: 1,
  },
];

const figures: readonly (readonly [string, FigureOfMerit, number])[] = [
  ["AUC", aucFigure, trueAuc(separations[0]) - trueAuc(separations[1])],
  [
    "sensitivity",
    sensitivityFigure(threshold),
    trueSensitivity(separations[0]) - trueSensitivity(separations[1]),
  ],
];

console.log("| design | figure | coverage | true SE | root mean V | median df |\n| - | - | - | - | - | - |");
for (const [place, design] of designs.entries()) {
  for (const [name, figure, truth] of figures) {
    const random = createRandom(1000 + place);
    let held = 0;
    let variance = 0;
    const values: number[] = [];
    const dfs: number[] = [];
    let undefinedCount = 0;
    for (let study = 0; study < studies; study++) {
      const drawn = draw(random, design);
      try {
        const { randomReadersRandomCases } = arbitraryDesign(
          drawn,
          figure,
          design.weights === undefined ? {} : { weights: design.weights },
        );
        const { degreesOfFreedom, lower, standardError, upper, value } =
          randomReadersRandomCases.differences[0]!;
        if (lower <= truth && truth <= upper) held++;
        variance += standardError ** 2;
        values.push(value);
        dfs.push(degreesOfFreedom);
      } catch {
        undefinedCount++;
      }
    }
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const spread = Math.sqrt(
      values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1),
    );
    const median = dfs.toSorted((left, right) => left - right)[Math.floor(dfs.length / 2)]!;
    console.log(
      `| ${design.name} | ${name} | ${((100 * held) / values.length).toFixed(1)} % | ${spread.toFixed(4)} | ${Math.sqrt(variance / values.length).toFixed(4)} | ${median.toFixed(1)} |${undefinedCount > 0 ? ` ${undefinedCount} without a value` : ""}`,
    );
  }
}
