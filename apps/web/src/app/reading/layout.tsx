import type { Metadata } from "next";
import type { ReactNode } from "react";
import { requireActor } from "../../server/actor.ts";

export const metadata: Metadata = { title: "Reading" };

/** The dark room: no navigation, nothing brighter than the images. */
export default async function ReadingLayout(props: { children: ReactNode }) {
  await requireActor();
  return <div className="min-h-screen bg-zinc-950 text-zinc-200 scheme-dark">{props.children}</div>;
}
