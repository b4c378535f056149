import { count, dateTime, duration, shortHash } from "../../components/format.ts";
import { Section } from "../../components/page-header.tsx";
import { isUndefined, type Stored } from "./reader-study-results-words.ts";

const methodNames = {
  "obuchowski-rockette": "Obuchowski–Rockette: readers share all of their cases or none",
  "one-shot": "Gallas’ one-shot estimate, for any design",
} as const;

const downloads = [
  ["ratings", "Ratings with the reference standard (CSV)"],
  ["map-measures", "Map measures (CSV)"],
  ["json", "All results (JSON)"],
] as const;

/** From what, when and with what the numbers came about. */
export function MethodSection({ stored, readerStudyId }: { stored: Stored; readerStudyId: string }) {
  const { method } = stored.analysis;
  const [comparedBy] = stored.analysis.comparisons.flatMap(({ pooled }) =>
    isUndefined(pooled) ? [] : [pooled.method],
  );
  const facts = [
    ["Computed", `${dateTime(stored.computedAt)}, in ${duration(stored.durationMs)}`],
    ["Software", stored.codeVersion],
    ["Inputs (SHA-256)", shortHash(stored.inputDigest)],
    ...(comparedBy === undefined ? [] : [["Comparison", methodNames[comparedBy]] as const]),
    ["Intervals", `95%, ${count(method.replicates)} resamples of patients, seed ${method.seed}`],
    ["Small groups", `fewer than ${method.minimumSubjects} patients are not shown`],
  ] as const;
  return (
    <Section
      title="Method"
      lead="What the numbers were computed from, and every number of this page: R or any other program can compute them again. The formulas are in docs/reader-study-statistics.md."
    >
      <dl className="grid grid-cols-[max-content_1fr] gap-x-6 gap-y-1 text-sm">
        {facts.map(([term, text]) => (
          <div key={term} className="contents">
            <dt className="text-slate-600">{term}</dt>
            <dd title={term === "Inputs (SHA-256)" ? stored.inputDigest : undefined}>{text}</dd>
          </div>
        ))}
      </dl>
      <nav
        aria-label="Downloads of the results"
        className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-sm print:hidden"
      >
        {downloads.map(([format, label]) => (
          <a
            key={format}
            href={`/api/reader-studies/${readerStudyId}/results?format=${format}`}
            className="text-accent-800 underline"
            download
          >
            {label}
          </a>
        ))}
      </nav>
    </Section>
  );
}
