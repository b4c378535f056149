import * as fc from "fast-check";
import { expect, test } from "vitest";

test.skipIf(process.env["CROSSREAD_PROPERTY_SEED"] !== undefined)(
  "property tests draw from one seed, so that none of them fails in one run of many",
  () => {
    expect(fc.readConfigureGlobal()).toEqual({ seed: 20_261_123 });
  },
);
