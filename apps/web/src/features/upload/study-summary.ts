import type { UploadItem } from "./upload-state.ts";

/** For the screen of whoever holds the files: names of people in it never leave the browser. */
export interface LocalStudy {
  readonly key: string;
  readonly patientId: string;
  readonly patientName: string;
  readonly studyDate: string;
  readonly modalities: readonly string[];
  readonly views: readonly string[];
  readonly itemIds: readonly number[];
  readonly sizeBytes: number;
}

/** The chosen files by study, in order of appearance; files whose header was not found come together at the end. */
export function studiesOf(items: readonly UploadItem[]): LocalStudy[] {
  const groups = new Map<string, UploadItem[]>();
  for (const item of items) {
    if (item.state === "skipped" || item.source === undefined) continue;
    const key = item.header?.studyInstanceUid ?? "";
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  const studies = [...groups].map(([key, group]): LocalStudy => {
    const header = group[0]?.header;
    const distinct = (values: readonly string[]) => [...new Set(values.filter((value) => value !== ""))];
    return {
      key,
      patientId: header?.patientId ?? "",
      patientName: header?.patientName ?? "",
      studyDate: isoDate(header?.studyDate ?? ""),
      modalities: distinct(group.map((item) => item.header?.modality ?? "")),
      views: distinct(
        group.map((item) => [item.header?.laterality, item.header?.viewPosition].filter(Boolean).join(" ")),
      ).toSorted(),
      itemIds: group.map(({ itemId }) => itemId),
      sizeBytes: group.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    };
  });
  return studies.toSorted((a, b) => Number(a.key === "") - Number(b.key === ""));
}

const isoDate = (text: string): string => text.replace(/^(\d{4})(\d{2})(\d{2})$/, "$1-$2-$3");
