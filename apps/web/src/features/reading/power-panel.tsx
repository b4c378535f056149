"use client";

import { useState } from "react";
import { count, decimal, percent } from "../../components/format.ts";
import { Panel } from "../../components/page-header.tsx";
import { NumberField } from "../../components/number-field.tsx";
import {
  defaultAssumptions,
  pilotCorrelations,
  studyPowerOf,
  targetPower,
  type PlannedSize,
  type StudyPowerAnswer,
} from "./study-power.ts";

/** How likely the planned study finds a difference, and what would be enough. */
export function PowerPanel(props: {
  size: Omit<PlannedSize, "malignantCount"> & { readonly malignantCount: number | null };
}) {
  const { malignantCount, ...rest } = props.size;
  return malignantCount === null ? (
    <Panel>
      <p className="text-sm text-slate-700">
        You still have to read some of these cases blind: their share of malignant ones, and with it the
        power, is not shown to you.
      </p>
    </Panel>
  ) : (
    <KnownPower size={{ ...rest, malignantCount }} />
  );
}

function KnownPower(props: { size: PlannedSize }) {
  const { size } = props;
  const [assumptions, setAssumptions] = useState(defaultAssumptions);
  const answer = studyPowerOf(size, assumptions);
  const change = (part: Partial<typeof assumptions>) => setAssumptions({ ...assumptions, ...part });
  return (
    <Panel>
      <section aria-label="Power">
        <h2 className="text-sm font-semibold text-slate-900">Power</h2>
        <div role="status">
          <Answer size={size} answer={answer} effect={assumptions.effect} />
        </div>
        <div className="mt-3 grid grid-cols-3 gap-3">
          <NumberField
            label="Difference"
            help="In AUC, to be found."
            value={assumptions.effect}
            bounds={{ min: 0.005, max: 0.4, step: 0.005 }}
            onChange={(effect) => change({ effect })}
          />
          <NumberField
            label="AUC unaided"
            help="Expected."
            value={assumptions.auc}
            bounds={{ min: 0.55, max: 0.99, step: 0.01 }}
            onChange={(auc) => change({ auc })}
          />
          <NumberField
            label="Reader range"
            help="Of true differences."
            value={assumptions.readerRange}
            bounds={{ min: 0, max: 0.4, step: 0.01 }}
            onChange={(readerRange) => change({ readerRange })}
          />
        </div>
        <p className="mt-2 text-xs text-slate-600">
          Obuchowski–Rockette for other readers and other cases, two-sided 5%. Conjectured: binormal variance
          of the AUC; correlations of its error{" "}
          {pilotCorrelations.map((value) => decimal(value, 2)).join(", ")} (same reader, same condition,
          neither) and Var(T·R) {decimal((assumptions.readerRange / 4) ** 2 / 2, 5)}; the default range 0.08
          and the correlations are those of the published Van Dyke study (5 readers, 114 cases). Counted per
          case; the results use both breasts with patients as clusters, which adds a little.
          {size.allocation === "double-reading"
            ? " Double reading is counted as fixed pairs of readers, who share as many cases in all."
            : ""}
        </p>
      </section>
    </Panel>
  );
}

function Answer(props: { size: PlannedSize; answer: StudyPowerAnswer; effect: number }) {
  const { size, answer } = props;
  if ("undefined" in answer) {
    return <p className="mt-1 text-sm text-slate-700">No power can be given: {answer.undefined}</p>;
  }
  const isEnough = answer.power >= targetPower;
  const cases = answer.requiredCases;
  const readers = answer.requiredReaders;
  return (
    <>
      <p className="mt-1 text-2xl leading-8 font-semibold">{percent(answer.power)}</p>
      <p className="text-sm text-slate-700">
        {count(size.readerCount)} readers, {count(size.caseCount)} cases of which {count(size.malignantCount)}{" "}
        malignant: the chance to find a true difference of {decimal(props.effect, 3)}.
      </p>
      {isEnough ? null : (
        <p className="mt-2 rounded-md bg-warning-soft px-3 py-2 text-sm text-warning-ink">
          <strong className="font-semibold">Too small for {percent(targetPower)}.</strong>{" "}
          {cases === null
            ? "With these readers no number of cases suffices: how differently they gain does not shrink with cases."
            : `With these readers it takes ${count(cases)} cases with the same share of malignant ones.`}{" "}
          {size.allocation === "double-reading"
            ? "More readers add nothing while each case is read twice."
            : readers === null
              ? "With these cases no number of readers suffices."
              : `With these cases it takes ${count(readers)} readers.`}
        </p>
      )}
    </>
  );
}
