"use client";

import { findingSchema, lateralitySchema, viewSchema } from "@crossread/contracts/dataset-manifest";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { z } from "zod";

/** What the URL holds of the list; a value that is none of ours is as if it were not there. */
const urlFilterSchema = z.object({
  finding: z
    .enum([...findingSchema.options, "unknown"])
    .optional()
    .catch(undefined),
  laterality: lateralitySchema.optional().catch(undefined),
  view: viewSchema.optional().catch(undefined),
  from: z.iso.date().optional().catch(undefined),
  to: z.iso.date().optional().catch(undefined),
  search: z.string().max(100).optional().catch(undefined),
  page: z.coerce.number().int().min(0).max(1_000_000).default(0).catch(0),
  look: z.enum(["gallery", "table"]).default("gallery").catch("gallery"),
});
export type StudyUrlFilter = z.infer<typeof urlFilterSchema>;

export const parseStudyFilter = (search: Iterable<[string, string]>): StudyUrlFilter =>
  urlFilterSchema.parse(Object.fromEntries(search));

/** The filter lives in the URL, so that a link shows what its sender saw. */
export function useStudyFilter() {
  const router = useRouter();
  const pathname = usePathname();
  const search = useSearchParams();
  const filter = parseStudyFilter(search.entries());
  function change(next: Partial<Record<keyof StudyUrlFilter, string | number | undefined>>) {
    const query = new URLSearchParams(search);
    // Another filter is another list: it begins at its first page.
    if (!("page" in next)) query.delete("page");
    for (const [name, value] of Object.entries(next)) {
      if (value === undefined || value === "" || value === 0) query.delete(name);
      else query.set(name, String(value));
    }
    router.replace(query.size === 0 ? pathname : `${pathname}?${query.toString()}`, { scroll: false });
  }
  return { filter, change };
}
