import type { Metadata } from "next";
import { Leaderboards } from "../../../features/leaderboards/leaderboards.tsx";

export const metadata: Metadata = { title: "Leaderboards" };

export default function Page() {
  return <Leaderboards />;
}
