"use client";

import type { ReaderStudySettings } from "@crossread/contracts/reader-study-settings";
import { count, duration } from "../../components/format.ts";
import { Stat } from "../../components/estimate.tsx";
import { Panel } from "../../components/page-header.tsx";
import type { Outputs } from "../../trpc/client.ts";
import { inMinutes } from "./reading-pace.ts";

type Preview = Outputs["readerStudies"]["preview"];

/** A step whose time nobody has measured yet. */
const conjecturedStepMs = 120_000;

const stepMs = (preview: Preview, condition: "unaided" | "aided") =>
  preview.stepTimes.find((time) => time.condition === condition)?.medianMs ?? conjecturedStepMs;

const range = (fewest: string, most: string) => (fewest === most ? fewest : `${fewest} to ${most}`);

/** What the plan asks of each reader. */
export function StudySizePanel(props: { preview: Preview; settings: ReaderStudySettings }) {
  const { preview, settings } = props;
  const { fewest, most } = preview.casesPerReader;
  const caseMs = stepMs(preview, "unaided") + stepMs(preview, "aided");
  const measured = preview.stepTimes.reduce((sum, time) => sum + time.readingCount, 0);
  const isCrossover = settings.design === "crossover";
  // The periods of a crossover lie weeks apart, each with sessions of its own.
  const periodCount = isCrossover ? 2 : 1;
  const sessions = (cases: number) =>
    periodCount * Math.max(1, Math.ceil((cases * caseMs) / periodCount / (settings.sessionMinutes * 60_000)));
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
            value={range(count(fewest * 2), count(most * 2))}
            detail={`${range(count(fewest), count(most))} cases, ${isCrossover ? "once per period" : "unaided and aided"}`}
          />
          <Stat
            label="Time per reader"
            value={range(inMinutes(fewest * caseMs), inMinutes(most * caseMs))}
            detail={`${range(count(sessions(fewest)), count(sessions(most)))} ${sessions(most) === 1 ? "session" : "sessions"}`}
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
