import Link from "next/link";
import { ArbitrationWorkList } from "../../features/arbitration/arbitration-work-list.tsx";
import { RoomPreparation } from "../../features/reading/room-preparation.tsx";
import { WorkList } from "../../features/reading/work-list.tsx";

export default function ReadingPage() {
  return (
    <main className="mx-auto max-w-4xl px-6 py-8">
      <Link href="/" className="text-sm text-zinc-400 hover:text-zinc-100">
        ← Crossread
      </Link>
      <h1 className="mt-3 mb-1 text-xl font-semibold text-zinc-100">Reading</h1>
      <p className="mb-6 max-w-prose text-sm text-zinc-400">
        A case is read without and with the model’s score and map, at once or weeks apart. You see neither
        site nor diagnosis nor other readers.
      </p>
      <WorkList />
      <ArbitrationWorkList />
      <RoomPreparation />
    </main>
  );
}
