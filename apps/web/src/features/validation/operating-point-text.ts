import type { OperatingPointRule } from "@crossread/contracts/operating-point";
import { decimal, percent } from "../../components/format.ts";

export function describeRule(rule: OperatingPointRule): string {
  switch (rule.rule) {
    case "youden":
      return "Youden: the largest sensitivity + specificity on the tuning split";
    case "target-sensitivity":
      return `The threshold that reaches ${percent(rule.sensitivity)} sensitivity on the tuning split`;
    case "fixed":
      return `Fixed at ${decimal(rule.threshold, 3)}`;
  }
}
