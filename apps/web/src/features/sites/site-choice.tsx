"use client";

import { SiteName } from "../../components/site-name.tsx";
import { useSites } from "../metrics/use-sites.ts";

/** All sites are chosen until one is taken out. */
export function SiteChoice(props: {
  excluded: readonly string[];
  onChange: (excluded: readonly string[]) => void;
  help: string;
  /** Only these may be chosen. */
  among?: readonly string[];
}) {
  const { sites } = useSites();
  const { excluded, among } = props;
  const shown = among === undefined ? sites : sites.filter(({ siteId }) => among.includes(siteId));
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="mb-1 text-sm font-medium text-slate-800">Sites</legend>
      {shown.map((site) => (
        <label key={site.siteId} className="flex h-7 items-center gap-2 text-sm">
          <input
            type="checkbox"
            className="size-4 accent-accent-700"
            checked={!excluded.includes(site.siteId)}
            onChange={(event) =>
              props.onChange(
                event.target.checked
                  ? excluded.filter((siteId) => siteId !== site.siteId)
                  : [...excluded, site.siteId],
              )
            }
          />
          <SiteName site={site} />
          <span className="text-xs text-slate-500">{site.acquisition}</span>
        </label>
      ))}
      <p className="text-xs text-slate-600">{props.help}</p>
    </fieldset>
  );
}
