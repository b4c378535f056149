import { z } from "zod";

export const splitSchema = z.enum(["train", "tuning", "internal-test", "external-test"]);
export type Split = z.infer<typeof splitSchema>;
