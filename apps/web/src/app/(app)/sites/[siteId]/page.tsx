import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { SiteView } from "../../../../features/sites/site-view.tsx";

export const metadata: Metadata = { title: "Site" };

export default async function Page(props: { params: Promise<{ siteId: string }> }) {
  const { siteId } = await props.params;
  if (!z.uuid().safeParse(siteId).success) notFound();
  return <SiteView siteId={siteId} />;
}
