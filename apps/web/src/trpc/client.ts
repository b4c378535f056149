"use client";

import { createTRPCContext } from "@trpc/tanstack-react-query";
import type { inferRouterOutputs } from "@trpc/server";
import type { RootRouter } from "../server/root.ts";

export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<RootRouter>();
export type Outputs = inferRouterOutputs<RootRouter>;
