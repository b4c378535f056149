"use client";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createTRPCClient,
  httpBatchLink,
  httpSubscriptionLink,
  splitLink,
  TRPCClientError,
} from "@trpc/client";
import { useState, type ReactNode } from "react";
import superjson from "superjson";
import type { RootRouter } from "../server/root.ts";
import { TRPCProvider } from "./client.ts";
import { joinTwins } from "./join-twins.ts";
import { plainWords } from "./plain-words.ts";

const url = "/api/trpc";

const createClient = () =>
  createTRPCClient<RootRouter>({
    links: [
      plainWords,
      joinTwins,
      splitLink({
        condition: ({ type }) => type === "subscription",
        true: httpSubscriptionLink({ url, transformer: superjson }),
        false: httpBatchLink({ url, transformer: superjson }),
      }),
    ],
  });

/** What the caller may not do or what is not there stays so: only a failure of the way is worth a retry. */
function isWorthRetry(failureCount: number, error: unknown): boolean {
  const isAnswered = error instanceof TRPCClientError && error.data !== undefined;
  return !isAnswered && failureCount < 2;
}

const createQueryClient = () =>
  new QueryClient({ defaultOptions: { queries: { staleTime: 5_000, retry: isWorthRetry } } });

export function DataProvider(props: { children: ReactNode }) {
  const [queryClient] = useState(createQueryClient);
  const [trpcClient] = useState(createClient);
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
        {props.children}
      </TRPCProvider>
    </QueryClientProvider>
  );
}
