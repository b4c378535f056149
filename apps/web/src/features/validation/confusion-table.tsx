import type { EvaluationReport } from "@crossread/contracts/evaluation-report";
import { count } from "../../components/format.ts";

/** Reference down, model across; the cells that agree are set off. */
export function ConfusionTable(props: { title: string; confusion: EvaluationReport["confusion"] }) {
  const { truePositives, falseNegatives, falsePositives, trueNegatives } = props.confusion;
  return (
    <table className="w-full text-sm">
      <caption className="mb-1 text-left text-xs text-slate-600">{props.title}</caption>
      <thead>
        <tr className="text-xs text-slate-600">
          <th scope="col" className="text-left font-normal">
            Reference
          </th>
          <th scope="col" className="w-28 text-right font-normal">
            Called malignant
          </th>
          <th scope="col" className="w-28 text-right font-normal">
            Called benign
          </th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row" className="text-left font-normal">
            Malignant
          </th>
          <td className="bg-malignant-soft px-2 py-1 text-right font-medium text-malignant-ink">
            {count(truePositives)}
          </td>
          <td className="px-2 py-1 text-right">{count(falseNegatives)}</td>
        </tr>
        <tr>
          <th scope="row" className="text-left font-normal">
            Benign
          </th>
          <td className="px-2 py-1 text-right">{count(falsePositives)}</td>
          <td className="bg-benign-soft px-2 py-1 text-right font-medium text-benign-ink">
            {count(trueNegatives)}
          </td>
        </tr>
      </tbody>
    </table>
  );
}
