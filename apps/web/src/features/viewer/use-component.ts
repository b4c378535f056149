"use client";

import { useCallback, useState } from "react";

type Loading<TComponent> =
  | { readonly kind: "absent" }
  | { readonly kind: "loaded"; readonly component: TComponent }
  | { readonly kind: "failed"; readonly error: unknown };

/**
 * A component whose code comes when it is asked for; what goes wrong goes to the page's error boundary.
 * Not React's lazy: what stood behind a fallback is held back for 300 ms, also where the code is there at once.
 */
export function useComponent<TComponent>(
  load: () => Promise<{ readonly default: TComponent }>,
): readonly [TComponent | undefined, () => void] {
  const [loading, setLoading] = useState<Loading<TComponent>>({ kind: "absent" });
  const [loadOnce] = useState(() => load);
  const ask = useCallback(() => {
    loadOnce().then(
      (loaded) => setLoading({ kind: "loaded", component: loaded.default }),
      (error: unknown) => setLoading({ kind: "failed", error }),
    );
  }, [loadOnce]);
  if (loading.kind === "failed") throw loading.error;
  return [loading.kind === "loaded" ? loading.component : undefined, ask];
}
