import "./globals.css";
import { GeistMono } from "geist/font/mono";
import { GeistSans } from "geist/font/sans";
import type { Metadata } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { DataProvider } from "../trpc/provider.tsx";

export const metadata: Metadata = {
  title: { default: "Crossread", template: "%s · Crossread" },
  description: "Multi-site validation and federated training of a mammography classifier. Research use only.",
  robots: { index: false, follow: false },
};

export default async function RootLayout(props: { children: ReactNode }) {
  // The nonce of the content security policy is new with every request: no page may be prerendered.
  await headers();
  return (
    <html lang="en" className={`${GeistSans.variable} ${GeistMono.variable}`}>
      <body className="font-sans text-sm antialiased">
        <DataProvider>{props.children}</DataProvider>
      </body>
    </html>
  );
}
