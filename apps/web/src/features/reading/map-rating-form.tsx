"use client";

import type { MapRating, MapRatingDraft } from "@crossread/contracts/reading";
import { useId } from "react";
import { ChoiceField } from "./choice-field.tsx";

const yesNo = [
  { value: "yes", name: "Yes" },
  { value: "no", name: "No" },
] as const;
const toYesNo = (value: boolean | undefined) => (value === undefined ? null : value ? "yes" : "no");

const insideOptions: readonly { value: MapRating["lesionInsideHotArea"]; name: string }[] = [
  { value: "yes", name: "Yes" },
  { value: "partly", name: "Partly" },
  { value: "no", name: "No" },
  { value: "no-lesion", name: "No lesion" },
];
const recallOptions: readonly { value: MapRating["wouldChangeRecall"]; name: string }[] = [
  { value: "no", name: "No" },
  { value: "towards-recall", name: "To recall" },
  { value: "towards-no-recall", name: "To no recall" },
];
const grades = ["1", "2", "3", "4", "5"] as const;

/** The six questions about the saliency map. */
export function MapRatingForm(props: { rating: MapRatingDraft; onChange: (rating: MapRatingDraft) => void }) {
  const { rating } = props;
  const commentId = useId();
  // The comment is an answer too: an empty one counts once any question is answered.
  const change = (next: MapRatingDraft) => props.onChange({ comment: "", ...rating, ...next });
  return (
    <section aria-label="Map rating" className="flex flex-col gap-3">
      <h2 className="flex justify-between text-sm font-semibold text-zinc-100">
        The map <span className="text-[11px] font-normal text-zinc-400">Q</span>
      </h2>
      <ChoiceField
        label="1 Is the lesion inside the hot area?"
        options={insideOptions}
        value={rating.lesionInsideHotArea}
        onChange={(lesionInsideHotArea) => change({ lesionInsideHotArea })}
        columns={4}
        focusKey="map"
      />
      <ChoiceField
        label="2 Does it miss a lesion?"
        options={yesNo}
        value={toYesNo(rating.hasMissedLesion)}
        onChange={(answer) => change({ hasMissedLesion: answer === "yes" })}
        columns={2}
      />
      <ChoiceField
        label="3 Are there spurious hot areas?"
        options={yesNo}
        value={toYesNo(rating.hasSpuriousAreas)}
        onChange={(answer) => change({ hasSpuriousAreas: answer === "yes" })}
        columns={2}
      />
      <ChoiceField
        label="4 How plausible is the map?"
        hint="1 implausible – 5 plausible"
        options={grades.map((value) => ({ value, name: value }))}
        value={grades.find((grade) => Number(grade) === rating.plausibility)}
        onChange={(grade) => change({ plausibility: Number(grade) })}
        columns={5}
        choose={(key) => grades.find((grade) => grade === key)}
      />
      <ChoiceField
        label="5 Would it change your recall decision?"
        options={recallOptions}
        value={rating.wouldChangeRecall}
        onChange={(wouldChangeRecall) => change({ wouldChangeRecall })}
        columns={3}
      />
      <div>
        <label htmlFor={commentId} className="mb-1 block text-xs text-zinc-300">
          6 Comment on the map <span className="text-zinc-400">may stay empty</span>
        </label>
        <textarea
          id={commentId}
          rows={2}
          maxLength={4_000}
          value={rating.comment ?? ""}
          onChange={(event) => change({ comment: event.target.value })}
          className="w-full rounded-md border border-zinc-700 bg-zinc-950 px-2 py-1 text-sm text-zinc-100"
        />
      </div>
    </section>
  );
}
