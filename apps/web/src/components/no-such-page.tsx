import Link from "next/link";
import { buttonLook } from "./button.tsx";

/** For an address that leads nowhere. */
export function NoSuchPage() {
  return (
    <div className="flex flex-col items-center gap-2 rounded-lg border border-dashed border-slate-300 bg-white px-6 py-10 text-center">
      <h1 className="text-base font-medium text-slate-800">There is no such page</h1>
      <p className="text-sm text-slate-600">The address is wrong, or what it named does not exist.</p>
      <Link href="/" className={`mt-2 ${buttonLook("secondary")}`}>
        To the overview
      </Link>
    </div>
  );
}
