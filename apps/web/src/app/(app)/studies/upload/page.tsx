import type { Metadata } from "next";
import { UploadPage } from "../../../../features/upload/upload-page.tsx";

export const metadata: Metadata = { title: "Upload" };

export default function Page() {
  return <UploadPage />;
}
