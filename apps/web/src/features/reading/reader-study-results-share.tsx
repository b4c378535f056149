import { count, percent } from "../../components/format.ts";
import { Cell } from "../../components/table.tsx";
import type { Analysis } from "./reader-study-results-words.ts";

type Share = Extract<Analysis["changes"], { rows: readonly object[] }>["rows"][number]["suspicionRight"];

/** A share with its interval, and of how many. */
export function ShareCell({ share }: { share: Share }) {
  const estimate = share.share;
  if ("undefined" in estimate) {
    return (
      <Cell isNumeric title={estimate.undefined}>
        <span aria-hidden>–</span>
        <span className="sr-only">Undefined: {estimate.undefined}</span>
      </Cell>
    );
  }
  return (
    <Cell isNumeric title={estimate.method}>
      <span className="inline-block leading-tight whitespace-nowrap">
        <span className="block font-medium">{percent(estimate.value)}</span>
        <span className="block text-xs text-slate-600">
          [{percent(estimate.lower)}, {percent(estimate.upper)}]
        </span>
        <span className="block text-xs text-slate-600">
          {count(share.count)} of {count(share.total)}
        </span>
      </span>
    </Cell>
  );
}
