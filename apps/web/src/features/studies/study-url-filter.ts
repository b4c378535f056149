"use client";

import {
  studyCursorSchema,
  studyFacetFilterSchema,
  studySortSchema,
  type StudyFacet,
  type StudyFacetFilter,
  type StudySort,
} from "@crossread/contracts/study-browser";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { z } from "zod";

export interface StudyUrl {
  readonly facets: StudyFacetFilter;
  readonly search: string | undefined;
  /** Study date, inclusive. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly sort: StudySort;
  readonly look: "gallery" | "table";
  readonly after: string | undefined;
  readonly before: string | undefined;
}

const facetNames = Object.keys(studyFacetFilterSchema.shape) as StudyFacet[];
const plainSchema = z.object({
  search: z.string().max(100).optional().catch(undefined),
  from: z.iso.date().optional().catch(undefined),
  to: z.iso.date().optional().catch(undefined),
  sort: studySortSchema.default("received-newest").catch("received-newest"),
  look: z.enum(["gallery", "table"]).default("gallery").catch("gallery"),
  after: studyCursorSchema.optional().catch(undefined),
  before: studyCursorSchema.optional().catch(undefined),
});

/** What the URL holds of the list; a value that is none of ours is as if it were not there. */
export function parseStudyUrl(search: URLSearchParams): StudyUrl {
  const { after, before, from, look, search: text, sort, to } = plainSchema.parse(Object.fromEntries(search));
  const facets: Record<string, unknown> = {};
  for (const name of facetNames) {
    const schema = studyFacetFilterSchema.shape[name];
    const values = search.getAll(name).filter((value) => schema.safeParse([value]).success);
    if (schema.safeParse(values).success && values.length > 0) facets[name] = values;
  }
  return {
    facets: studyFacetFilterSchema.parse(facets),
    search: text,
    from,
    to,
    sort,
    look,
    after,
    before: after === undefined ? before : undefined,
  };
}

/** The URL with one facet value added or taken away; another filter is another list, which begins at its first page. */
export function toggleFacetValue(search: URLSearchParams, facet: StudyFacet, value: string): URLSearchParams {
  const next = withoutPage(search);
  const values = next.getAll(facet);
  next.delete(facet);
  for (const kept of values.includes(value) ? values.filter((each) => each !== value) : [...values, value]) {
    next.append(facet, kept);
  }
  return next;
}

function withoutPage(search: URLSearchParams): URLSearchParams {
  const next = new URLSearchParams(search);
  next.delete("after");
  next.delete("before");
  return next;
}

type PlainName = keyof z.infer<typeof plainSchema>;

/** The filter lives in the URL, so that a link shows what its sender saw. */
export function useStudyUrl() {
  const router = useRouter();
  const pathname = usePathname();
  const search = useSearchParams();
  const go = (query: URLSearchParams) =>
    router.replace(query.size === 0 ? pathname : `${pathname}?${query.toString()}`, { scroll: false });
  return {
    url: parseStudyUrl(new URLSearchParams(search)),
    siteCode: search.get("site"),
    toggle: (facet: StudyFacet, value: string) =>
      go(toggleFacetValue(new URLSearchParams(search), facet, value)),
    chooseSite: (code: string | undefined) => {
      const next = withoutPage(new URLSearchParams(search));
      if (code === undefined) next.delete("site");
      else next.set("site", code);
      go(next);
    },
    change: (next: Partial<Record<PlainName, string | undefined>>) => {
      const isPage = "after" in next || "before" in next;
      const query =
        isPage || "look" in next ? new URLSearchParams(search) : withoutPage(new URLSearchParams(search));
      if (isPage) {
        query.delete("after");
        query.delete("before");
      }
      for (const [name, value] of Object.entries(next)) {
        if (value === undefined || value === "") query.delete(name);
        else query.set(name, value);
      }
      go(query);
    },
    clear: () => {
      const next = new URLSearchParams();
      for (const name of ["look", "sort"]) {
        const value = search.get(name);
        if (value !== null) next.set(name, value);
      }
      go(next);
    },
  };
}
