import type { AllowList } from "./allow-list.ts";
import { asciiValues, type DataElement } from "./data-element.ts";
import { itemsOf } from "./items-of.ts";

/** Every UID that is kept under another name, at any depth. */
export function collectUids(elements: readonly DataElement[], allowList: AllowList): Set<string> {
  const uids = new Set<string>();
  const visit = (level: readonly DataElement[]) => {
    for (const element of level) {
      const rule = allowList.get(element.tag)?.rule;
      if (rule?.kind === "uid") for (const uid of asciiValues(element)) uids.add(uid);
      if (rule?.kind === "items") for (const item of itemsOf(element)) visit(item);
    }
  };
  visit(elements);
  uids.delete("");
  return uids;
}
