import type { Metadata } from "next";
import { SiteList } from "../../../features/sites/site-list.tsx";

export const metadata: Metadata = { title: "Sites" };

export default function Page() {
  return <SiteList />;
}
