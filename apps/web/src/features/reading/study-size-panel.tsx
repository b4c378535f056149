"use client";

import type { ReaderStudySettings } from "@crossread/contracts/reader-study-settings";
import { count, duration } from "../../components/format.ts";
import { Stat } from "../../components/estimate.tsx";
import { Panel } from "../../components/page-header.tsx";
import type { Outputs } from "../../trpc/client.ts";

type Preview = Outputs["readerStudies"]["preview"];

/** A step whose time nobody has measured yet. */
const conjecturedStepMs = 120_000;

const stepMs = (preview: Preview, condition: "unaided" | "aided") =>
  preview.stepTimes.find((time) => time.condition === condition)?.medianMs ?? conjecturedStepMs;

const range = (fewest: number, most: number, write: (value: number) => string) =>
  fewest === most ? write(fewest) : `${write(fewest)} to ${write(most)}`;

/** What the plan asks of each reader. */
export function StudySizePanel(props: { preview: Preview; settings: ReaderStudySettings }) {
  const { preview, settings } = props;
  const { fewest, most } = preview.casesPerReader;
  const caseMs = stepMs(preview, "unaided") + stepMs(preview, "aided");
  const measured = preview.stepTimes.reduce((sum, time) => sum + time.readingCount, 0);
  const sessions = (cases: number) =>
    Math.max(1, Math.ceil((cases * caseMs) / (settings.sessionMinutes * 60_000)));
  const isCrossover = settings.design === "crossover";
  return (
    <Panel>
      <section aria-label="What it will be">
        <h2 className="mb-2 text-sm font-semibold text-slate-900">What it will be</h2>
        <dl className="grid grid-cols-2 gap-x-4 gap-y-3">
          <Stat
            label="Cases"
            value={count(preview.caseCount)}
            {...(preview.malignantCount === null
              ? {}
              : { detail: `${count(preview.malignantCount)} malignant` })}
          />
          <Stat
            label="Readings per reader"
            value={range(fewest * 2, most * 2, count)}
            detail={`${range(fewest, most, count)} cases, ${isCrossover ? "once per period" : "unaided and aided"}`}
          />
          <Stat
            label="Time per reader"
            value={range(fewest * caseMs, most * caseMs, duration)}
            detail={`${range(sessions(fewest), sessions(most), count)} ${sessions(most) === 1 ? "session" : "sessions"}`}
          />
          <Stat
            label="Washout"
            value={isCrossover ? `${settings.washoutDays} days` : "none"}
            detail={isCrossover ? "between the periods" : "both steps at once"}
          />
        </dl>
        <p className="mt-2 text-xs text-slate-600">
          {measured === 0
            ? "Nobody has read here yet: counted with 2 min per step."
            : `Median of ${count(measured)} locked readings: ${duration(stepMs(preview, "unaided"))} unaided, ${duration(stepMs(preview, "aided"))} aided.`}
        </p>
      </section>
    </Panel>
  );
}
