import type { Metadata } from "next";
import { StudyList } from "../../../features/studies/study-list.tsx";

export const metadata: Metadata = { title: "Studies" };

export default function Page() {
  return <StudyList />;
}
