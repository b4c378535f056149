import type { Metadata } from "next";
import { ReaderStudyForm } from "../../../../features/reading/reader-study-form.tsx";
import { ForRolesOf } from "../../../../features/shell/for-roles-of.tsx";

export const metadata: Metadata = { title: "New reader study" };

export default function Page() {
  return (
    <ForRolesOf procedure="readerStudies.create">
      <ReaderStudyForm />
    </ForRolesOf>
  );
}
