import type { Split } from "@crossread/contracts/split";
import type { Split as SplitRow } from "./generated/enums.ts";

/** Prisma's enum members cannot carry hyphens, the contract's can. */
export const toSplitRow = (split: Split): SplitRow => {
  switch (split) {
    case "internal-test":
      return "internal_test";
    case "external-test":
      return "external_test";
    case "train":
    case "tuning":
      return split;
  }
};

export const fromSplitRow = (split: SplitRow): Split => {
  switch (split) {
    case "internal_test":
      return "internal-test";
    case "external_test":
      return "external-test";
    case "train":
    case "tuning":
      return split;
  }
};
