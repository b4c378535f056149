import type { Metadata } from "next";
import { ReaderStudyForm } from "../../../../features/reading/reader-study-form.tsx";

export const metadata: Metadata = { title: "New reader study" };

export default function Page() {
  return <ReaderStudyForm />;
}
