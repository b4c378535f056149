import { count, dateTime, duration, shortHash } from "../../components/format.ts";
import { Section } from "../../components/page-header.tsx";
import type { Stored } from "./reader-study-results-words.ts";

/** From what, when and with what the numbers came about. */
export function MethodSection({ stored }: { stored: Stored }) {
  const { method } = stored.analysis;
  const facts = [
    ["Computed", `${dateTime(stored.computedAt)}, in ${duration(stored.durationMs)}`],
    ["Software", stored.codeVersion],
    ["Inputs (SHA-256)", shortHash(stored.inputDigest)],
    ["Intervals", `95 %, ${count(method.replicates)} resamples of patients, seed ${method.seed}`],
    ["Small groups", `fewer than ${method.minimumSubjects} patients are not shown`],
  ] as const;
  return (
    <Section
      title="Method"
      lead="The downloads above hold the inputs (analysis: ratings with the reference standard, map measures) and every number of this page, so that R or any other program can compute it again."
    >
      <dl className="grid grid-cols-[max-content_1fr] gap-x-6 gap-y-1 text-sm">
        {facts.map(([term, text]) => (
          <div key={term} className="contents">
            <dt className="text-slate-600">{term}</dt>
            <dd title={term === "Inputs (SHA-256)" ? stored.inputDigest : undefined}>{text}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
