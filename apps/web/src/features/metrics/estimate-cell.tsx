import type { Estimate as EstimateOfReport } from "@crossread/contracts/evaluation-report";
import { Estimate } from "../../components/estimate.tsx";

/** A metric of a report, or a dash whose title says why there is none. */
export function EstimateCell(props: { estimate: EstimateOfReport; digits?: number }) {
  const { digits = 3, estimate } = props;
  if ("undefined" in estimate) {
    return (
      <span className="text-slate-500" title={estimate.undefined}>
        <span aria-hidden>–</span>
        <span className="sr-only">Undefined: {estimate.undefined}</span>
      </span>
    );
  }
  return (
    <span title={estimate.method}>
      <Estimate estimate={estimate} digits={digits} />
    </span>
  );
}
