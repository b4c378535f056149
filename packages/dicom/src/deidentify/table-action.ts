/** PS3.15 table E.1-1 under the options of a profile: what is to be done with one attribute. */
import type { ConfidentialityAction, ConfidentialityOption } from "./confidentiality-profile.ts";
import { confidentialityTable, type TableRow } from "./confidentiality-table.ts";

/** In this order: an option that keeps beats one that cleans. */
const optionColumns = [
  ["retain-uids", "retainUids"],
  ["retain-full-dates", "retainFullDates"],
  ["retain-institution-identity", "retainInstitutionIdentity"],
  ["retain-device-identity", "retainDeviceIdentity"],
  ["retain-patient-characteristics", "retainPatientCharacteristics"],
  ["retain-modified-dates", "retainModifiedDates"],
  ["retain-safe-private", "retainSafePrivate"],
  ["clean-descriptors", "cleanDescriptors"],
  ["clean-structured-content", "cleanStructuredContent"],
  ["clean-graphics", "cleanGraphics"],
] as const satisfies readonly (readonly [ConfidentialityOption, keyof TableRow])[];

const rows = new Map(confidentialityTable.map((row) => [row.tag, row]));

/** The table's row; also for repeating groups. */
export function tableRow(tag: string): TableRow | undefined {
  return (
    rows.get(tag) ?? rows.get(`${tag.slice(0, 2)}XX${tag.slice(4)}`) ?? rows.get(`${tag.slice(0, 2)}XXXXXX`)
  );
}

/**
 * One action of the possible ones. "X/Z/D" leaves the choice to the type of the attribute (table E.1-1a):
 * removed where it may be absent, else emptied; a dummy where it must have a value.
 */
export function tableAction(
  row: TableRow,
  options: ReadonlySet<ConfidentialityOption>,
  isRequired: boolean,
): ConfidentialityAction {
  for (const [option, column] of optionColumns) {
    const action = options.has(option) ? row[column] : undefined;
    if (action !== undefined) return action;
  }
  switch (row.basic) {
    case "D":
    case "Z":
    case "X":
    case "U":
      return row.basic;
    case "X/Z":
    case "X/Z/D":
      return isRequired ? "Z" : "X";
    case "X/D":
      return isRequired ? "D" : "X";
    case "Z/D":
      return "Z";
    case "X/Z/U*":
      return "U";
  }
}
