import type { SeededSite } from "@crossread/db/demonstration-seed";
import type { Role } from "@crossread/contracts/role";

export const demoPassword = "crossread-demo";

export const demoSites: readonly Omit<SeededSite, "acquisition">[] = [
  { code: "north", name: "North Hospital", colourIndex: 0 },
  { code: "east", name: "East Clinic", colourIndex: 1 },
  { code: "south", name: "South Breast Centre", colourIndex: 2 },
];

export interface DemoAccount {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  /** Codes of the sites of the role; null for the whole platform. */
  readonly sites: readonly string[] | null;
}

const allSites = demoSites.map(({ code }) => code);

export const demoAccounts: readonly DemoAccount[] = [
  { email: "admin@demo.crossread", name: "Ada Admin", role: "admin", sites: null },
  { email: "coordinator-1@demo.crossread", name: "Nora North", role: "coordinator", sites: ["north"] },
  { email: "coordinator-2@demo.crossread", name: "Emil East", role: "coordinator", sites: ["east"] },
  { email: "coordinator-3@demo.crossread", name: "Sofia South", role: "coordinator", sites: ["south"] },
  { email: "radiologist-1@demo.crossread", name: "Dr. Rita Reader", role: "radiologist", sites: allSites },
  { email: "radiologist-2@demo.crossread", name: "Dr. Robin Reader", role: "radiologist", sites: allSites },
  { email: "radiologist-3@demo.crossread", name: "Dr. Runa Referee", role: "radiologist", sites: allSites },
  { email: "auditor@demo.crossread", name: "Alex Auditor", role: "auditor", sites: null },
];

/** Who reads the study of the demonstration. The third radiologist has no part in it, and so may arbitrate its cases. */
export const demoReaderEmails: readonly string[] = [
  "radiologist-1@demo.crossread",
  "radiologist-2@demo.crossread",
];
