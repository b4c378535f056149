import { Badge, type Tone } from "./badge.tsx";

const tones: Readonly<Record<string, Tone>> = {
  preparing: "active",
  running: "active",
  training: "active",
  received: "active",
  aggregating: "active",
  evaluating: "active",
  reading: "active",
  adjudication: "active",
  completed: "done",
  accepted: "done",
  published: "done",
  cancelling: "warning",
  cancelled: "warning",
  missed: "warning",
  refused: "failure",
  failed: "failure",
};

/** Where the stored word would be misread: in this state of a validation round nobody reads, it waits to be published. */
const names: Readonly<Record<string, string>> = { reading: "evaluated" };

export function StateBadge(props: { state: string }) {
  return <Badge tone={tones[props.state] ?? "neutral"}>{names[props.state] ?? props.state}</Badge>;
}
