"use client";

import { splitSchema } from "@crossread/contracts/split";
import { useSearchParams } from "next/navigation";
import { z } from "zod";

const choiceSchema = z.object({ cohortId: z.uuid(), split: splitSchema });

/** The board that the URL names, or null for the newest. */
export function useBoardChoice() {
  const search = useSearchParams();
  const choice = choiceSchema.safeParse({ cohortId: search.get("cohort"), split: search.get("split") });
  return choice.success ? choice.data : null;
}
