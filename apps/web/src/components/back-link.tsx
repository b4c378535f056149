import { ChevronLeft } from "lucide-react";
import Link from "next/link";

export function BackLink(props: { href: string; children: string }) {
  return (
    <Link
      href={props.href}
      className="mb-1 inline-flex items-center gap-1 text-sm text-slate-600 hover:text-slate-900"
    >
      <ChevronLeft size={14} aria-hidden />
      {props.children}
    </Link>
  );
}
