import type { ReportMetricName } from "@crossread/contracts/evaluation-report";

export const metricLabels: Readonly<Record<ReportMetricName, string>> = {
  auc: "AUC",
  accuracy: "Accuracy",
  sensitivity: "Sensitivity",
  specificity: "Specificity",
  precision: "Precision (PPV)",
  negativePredictiveValue: "NPV",
  f1: "F1",
  dip: "DIP",
  averagePrecision: "Average precision",
};

export const metricNames = Object.keys(metricLabels) as readonly ReportMetricName[];

export const isMetricName = (name: string): name is ReportMetricName => Object.hasOwn(metricLabels, name);

export const levelLabels = { image: "per image", breast: "per breast", patient: "per patient" } as const;

/** What is counted at each level. */
export const unitLabels = { image: "Images", breast: "Breasts", patient: "Patients" } as const;

export const splitLabels = {
  train: "Training",
  tuning: "Tuning",
  "internal-test": "Internal test",
  "external-test": "External test",
} as const;
