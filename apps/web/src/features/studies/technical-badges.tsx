import { Badge } from "../../components/badge.tsx";
import { wordsOf } from "./technical-labels.ts";

/** What images are besides plain views of a native breast. */
export function TechnicalBadges(props: { labels: readonly string[] }) {
  return props.labels.map((label) => (
    <Badge key={label} title={wordsOf(label).meaning}>
      {wordsOf(label).name}
    </Badge>
  ));
}
