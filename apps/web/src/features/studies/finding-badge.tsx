import type { Finding } from "@crossread/contracts/dataset-manifest";
import { Badge } from "../../components/badge.tsx";

const tones = { normal: "neutral", benign: "benign", malignant: "malignant" } as const;

export function FindingBadge(props: { laterality?: "L" | "R"; finding: Finding | null }) {
  const { laterality, finding } = props;
  return (
    <Badge tone={finding === null ? "neutral" : tones[finding]} title="Reference standard">
      {laterality === undefined ? null : <span className="opacity-70">{laterality}</span>}
      {finding ?? "unknown"}
    </Badge>
  );
}
