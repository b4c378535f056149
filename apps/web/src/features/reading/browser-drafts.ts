import { createDraftStorage, type DraftStorage } from "./draft-journal.ts";

let opened: DraftStorage | undefined;

/** The drafts of this browser, shared by its tabs. */
export const browserDrafts = (): DraftStorage =>
  (opened ??= createDraftStorage({ local: window.localStorage, factory: window.indexedDB }));
