/** Stable per site, distinct from the benign/malignant pair and from the accent. */
const siteColours = [
  "#6d4fc2",
  "#9a6b00",
  "#b0487e",
  "#3f7d3a",
  "#5b6472",
  "#0e7f9e",
  "#8a3b2a",
  "#3b3f8f",
] as const;

export const siteColour = (colourIndex: number): string =>
  siteColours[colourIndex % siteColours.length] ?? siteColours[0];

export function SiteName(props: { site: { name: string; colourIndex: number } }) {
  return (
    <span className="inline-flex items-center gap-2 whitespace-nowrap">
      <span
        aria-hidden
        className="size-2.5 shrink-0 rounded-full"
        style={{ background: siteColour(props.site.colourIndex) }}
      />
      {props.site.name}
    </span>
  );
}
