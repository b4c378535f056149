import type { Metadata } from "next";
import { NoSuchPage } from "../components/no-such-page.tsx";

export const metadata: Metadata = { title: "No such page" };

/** Of addresses that lead to no part of the application. */
export default function NotFound() {
  return (
    <main className="mx-auto max-w-2xl px-4 py-16">
      <NoSuchPage />
    </main>
  );
}
