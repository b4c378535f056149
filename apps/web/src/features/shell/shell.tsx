"use client";

import type { Actor } from "@crossread/db/people";
import {
  Activity,
  BookOpen,
  Boxes,
  ClipboardCheck,
  FolderOpen,
  Gauge,
  Layers,
  ScrollText,
  Settings,
  Trophy,
  Users,
  Building2,
  type LucideIcon,
} from "lucide-react";
import Link from "next/link";
import { usePathname, useSearchParams } from "next/navigation";
import type { ReactNode } from "react";
import { JobTray } from "./job-tray.tsx";
import type { NavigationItem } from "./navigation.ts";
import { SiteSwitcher } from "./site-switcher.tsx";
import { UserMenu } from "./user-menu.tsx";

const icons: Readonly<Record<string, LucideIcon>> = {
  "/": Gauge,
  "/studies": FolderOpen,
  "/reading": BookOpen,
  "/reader-studies": Users,
  "/cohorts": Layers,
  "/training": Activity,
  "/validation": ClipboardCheck,
  "/models": Boxes,
  "/leaderboards": Trophy,
  "/sites": Building2,
  "/audit": ScrollText,
  "/admin": Settings,
};

export function Shell(props: { actor: Actor; navigation: readonly NavigationItem[]; children: ReactNode }) {
  return (
    <div className="flex min-h-screen">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-white focus:p-2"
      >
        Skip to content
      </a>
      <aside className="sticky top-0 flex h-screen w-52 shrink-0 flex-col border-r border-slate-200 bg-white print:hidden">
        <div className="flex h-14 items-center gap-2 px-4">
          <BrandMark />
          <span className="text-base font-semibold tracking-tight">Crossread</span>
        </div>
        <div className="px-3 pb-3">
          <SiteSwitcher />
        </div>
        <nav aria-label="Main" className="flex-1 overflow-y-auto px-2">
          <ul className="flex flex-col gap-0.5">
            {props.navigation.map((item) => (
              <li key={item.href}>
                <NavigationLink item={item} />
              </li>
            ))}
          </ul>
        </nav>
        <div className="border-t border-slate-200 p-2">
          <JobTray />
          <UserMenu actor={props.actor} />
        </div>
      </aside>
      <main id="content" className="min-w-0 flex-1 px-6 py-5">
        <div className="mx-auto max-w-[1400px]">{props.children}</div>
      </main>
    </div>
  );
}

function NavigationLink(props: { item: NavigationItem }) {
  const { href, label } = props.item;
  const pathname = usePathname();
  const site = useSearchParams().get("site");
  const isCurrent = href === "/" ? pathname === "/" : pathname.startsWith(href);
  const Icon = icons[href];
  return (
    <Link
      href={site === null ? href : `${href}?site=${encodeURIComponent(site)}`}
      aria-current={isCurrent ? "page" : undefined}
      className={`flex h-8 items-center gap-2.5 rounded-md px-2 text-sm ${
        isCurrent ? "bg-accent-50 font-medium text-accent-800" : "text-slate-700 hover:bg-slate-100"
      }`}
    >
      {Icon === undefined ? null : <Icon size={16} aria-hidden />}
      {label}
    </Link>
  );
}

function BrandMark() {
  return (
    <svg viewBox="0 0 32 32" width={22} height={22} aria-hidden>
      <rect width="32" height="32" rx="6" className="fill-accent-700" />
      <path
        d="M9 7c9 1 13 5 13 9s-4 8-13 9z"
        fill="none"
        stroke="#fff"
        strokeWidth="2.5"
        strokeLinejoin="round"
      />
      <circle cx="15" cy="16" r="2.6" fill="#f3a04b" />
    </svg>
  );
}
