"use client";

import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { Button } from "../../components/button.tsx";

export function CopyButton(props: { text: string; label: string }) {
  const [outcome, setOutcome] = useState<"copied" | "failed">();

  async function copy() {
    try {
      await navigator.clipboard.writeText(props.text);
      setOutcome("copied");
    } catch {
      setOutcome("failed");
    }
  }

  return (
    <span className="inline-flex items-center gap-2">
      <Button onClick={() => void copy()}>
        {outcome === "copied" ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
        {props.label}
      </Button>
      <span role="status" className="text-xs text-slate-600">
        {outcome === "copied" ? "Copied" : outcome === "failed" ? "Select it and copy it by hand" : ""}
      </span>
    </span>
  );
}
