import type { ApiTokenScope } from "@crossread/contracts/api-token";
import type { ProcedureName } from "../access.ts";

export interface DicomWebAccessRow {
  /** What a site's token must be allowed to do. */
  readonly scope: ApiTokenScope;
  /** Procedure whose row of the access table lets a signed-in person do the same; undefined: tokens only. */
  readonly procedure: ProcedureName | undefined;
}

/**
 * Who may use which service. Radiologists hold no role that `studies.*` names, so that nobody who reads blind learns
 * more here than in the reading room; a person with both roles does not see the cases that they still have to read.
 */
export const dicomWebAccess = {
  store: { scope: "write", procedure: undefined },
  search: { scope: "read", procedure: "studies.list" },
  retrieve: { scope: "read", procedure: "studies.load" },
  metadata: { scope: "read", procedure: "studies.load" },
  frames: { scope: "read", procedure: "studies.load" },
  rendered: { scope: "read", procedure: "studies.load" },
  thumbnail: { scope: "read", procedure: "studies.load" },
  bulkdata: { scope: "read", procedure: "studies.load" },
} as const satisfies Record<string, DicomWebAccessRow>;

export type DicomWebService = keyof typeof dicomWebAccess;
