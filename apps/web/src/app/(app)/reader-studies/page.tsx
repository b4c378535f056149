import type { Metadata } from "next";
import { ReaderStudyList } from "../../../features/reading/reader-study-list.tsx";

export const metadata: Metadata = { title: "Reader studies" };

export default function Page() {
  return <ReaderStudyList />;
}
