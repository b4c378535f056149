"use client";

import Link from "next/link";
import { useState } from "react";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { dateTime } from "../../components/format.ts";
import { Pseudonym } from "../../components/pseudonym.tsx";
import { SiteName } from "../../components/site-name.tsx";
import { splitLabels } from "../metrics/metric-name.ts";
import { useSites } from "../metrics/use-sites.ts";
import { alignSecond, describeTransform } from "./copy-alignment.ts";
import type { Leak, LeakAction } from "./leak-decision-dialog.tsx";

const sidePx = 224;

const crossed: Record<Leak["crosses"], string> = {
  splits: "across splits",
  sites: "across sites",
  "splits-and-sites": "across splits and sites",
  patients: "two patients, one split",
};

/** Two images that show one, side by side; the second laid as the first lies. */
export function LeakCard(props: {
  leak: Leak;
  canDecide: boolean;
  canExclude: boolean;
  onAct: (action: LeakAction) => void;
}) {
  const { leak } = props;
  const [isAligned, setAligned] = useState(true);
  return (
    <article
      aria-label={`${leak.first.pseudonym} and ${leak.second.pseudonym}`}
      className="rounded-lg border border-slate-200 bg-white p-4"
    >
      <header className="mb-3 flex flex-wrap items-center gap-2 text-sm">
        {leak.isBlocking ? (
          <Badge tone="failure">refused for training</Badge>
        ) : (
          <Badge tone="done">allowed</Badge>
        )}
        <Badge tone={leak.crosses === "patients" ? "neutral" : "warning"}>{crossed[leak.crosses]}</Badge>
        <span className="text-slate-700">
          {leak.kind === "exact"
            ? "The same bytes"
            : `${Math.round(100 * leak.score)} % of the common texture agrees; ${describeTransform(leak.transform)}`}
        </span>
        {leak.kind === "exact" ? null : (
          <label className="ml-auto flex items-center gap-1.5 text-xs text-slate-600">
            <input
              type="checkbox"
              checked={isAligned}
              onChange={(event) => setAligned(event.target.checked)}
            />
            Lay the second as the first lies
          </label>
        )}
      </header>
      <div className="flex flex-wrap gap-4">
        <LeakImage side={leak.first} />
        <LeakImage
          side={leak.second}
          matrix={isAligned ? alignSecond(leak.transform, leak.first, sidePx) : undefined}
        />
        <div className="flex min-w-56 flex-1 flex-col gap-3 text-sm">
          {leak.decision === null ? (
            <p className="text-slate-600">
              {leak.isBlocking
                ? "Not decided yet."
                : "Within one split of one site: no result depends on it."}
            </p>
          ) : (
            <p className="text-slate-700">
              <span className="font-medium">
                {leak.decision.verdict === "no-leak" ? "No leak" : "Same woman"}
              </span>
              , {dateTime(leak.decision.decidedAt)}: {leak.decision.reason}
              {leak.isBlocking ? " She is in two splits of this cohort: draw a new one." : ""}
            </p>
          )}
          {props.canDecide ? (
            <div className="flex flex-wrap gap-2">
              {leak.decision === null ? (
                <>
                  <Button
                    disabled={!props.canExclude}
                    title={props.canExclude ? undefined : "The membership of this cohort is frozen."}
                    onClick={() => props.onAct("exclude")}
                  >
                    Exclude a case
                  </Button>
                  <Button onClick={() => props.onAct("link")}>Same woman</Button>
                  <Button onClick={() => props.onAct("no-leak")}>No leak</Button>
                </>
              ) : (
                <Button onClick={() => props.onAct("undo")}>Undo</Button>
              )}
            </div>
          ) : null}
        </div>
      </div>
    </article>
  );
}

function LeakImage(props: { side: Leak["first"]; matrix?: string | undefined }) {
  const { side } = props;
  const site = useSites().find(side.siteId);
  const longest = Math.max(side.widthPx, side.heightPx);
  return (
    <figure className="flex flex-col gap-1">
      <div className="relative overflow-hidden rounded-md bg-black" style={{ width: sidePx, height: sidePx }}>
        {/* A thumbnail behind sign-in: next/image would fetch it without the session. */}
        <img
          src={`/api/thumbnails/${side.instanceId}`}
          alt={`${side.laterality} ${side.view} of ${side.pseudonym}`}
          className="absolute top-0 left-0 max-w-none origin-top-left"
          style={{
            width: (sidePx * side.widthPx) / longest,
            height: (sidePx * side.heightPx) / longest,
            transform: props.matrix,
          }}
        />
      </div>
      <figcaption className="flex flex-col gap-0.5 text-xs text-slate-700" style={{ maxWidth: sidePx }}>
        <Link href={`/studies/${side.studyId}`} className="truncate text-accent-700 hover:underline">
          <Pseudonym>{side.pseudonym}</Pseudonym>
        </Link>
        <span>
          {side.laterality} {side.view}, {splitLabels[side.split].toLowerCase()}
        </span>
        {site === undefined ? null : <SiteName site={site} />}
      </figcaption>
    </figure>
  );
}
