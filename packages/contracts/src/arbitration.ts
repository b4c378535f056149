import { z } from "zod";
import type { Finding } from "./dataset-manifest.ts";

/** First the arbitrator's own reading, then, with the others' in sight, the decision. */
export const arbitrationStepSchema = z.enum(["independent", "decision"]);
export type ArbitrationStep = z.infer<typeof arbitrationStepSchema>;

/** Which cases of an arbitrator are handed over: those whose own reading is not locked, or all that are not decided. */
export const handoverShareSchema = z.enum(["unlocked", "undecided"]);
export type HandoverShare = z.infer<typeof handoverShareSchema>;

/** Normal and benign readers alone may tell apart either way; malignant follows the BI-RADS category. */
export const allowedFindings = (proposed: Finding): readonly Finding[] =>
  proposed === "malignant" ? ["malignant"] : ["normal", "benign"];

/** Shown before a consensus is put in force and written to the audit log with it. */
export const consensusWarning =
  "A reference standard that readers of a study made must not score these readers: results of their studies leave the breast out. Made with the aid of a model, it must not score that model either.";
