import type { Metadata } from "next";
import { LabelTables } from "../../../../features/labels/label-tables.tsx";

export const metadata: Metadata = { title: "Label tables" };

export default function Page() {
  return <LabelTables />;
}
