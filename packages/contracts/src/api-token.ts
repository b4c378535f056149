import { z } from "zod";

/** "write": bring studies in by STOW-RS. "read": search and retrieve the studies of the token's site. */
export const apiTokenScopeSchema = z.enum(["write", "read"]);
export type ApiTokenScope = z.infer<typeof apiTokenScopeSchema>;

/** In the order in which people read them; at least one, none twice. */
export const apiTokenScopesSchema = z
  .array(apiTokenScopeSchema)
  .min(1)
  .refine((scopes) => new Set(scopes).size === scopes.length, "A scope is named twice.");
