import { openSitePseudonyms, patientKeyOf } from "@crossread/dicom/deidentify/site-pseudonyms";
import type { HospitalNames } from "./import-rows.ts";

/** By the key of the site, as de-identification does it before an upload. */
export async function openHospitalNames(siteKey: Uint8Array): Promise<HospitalNames> {
  const names = await openSitePseudonyms(siteKey);
  const patients = new Map<string, Promise<{ pseudonym: string; shiftDays: number }>>();
  return {
    pseudonym(patientId, issuer) {
      const key = patientKeyOf(patientId, issuer);
      const known = patients.get(key) ?? lookUp(key);
      patients.set(key, known);
      return known;
    },
    studyUid: (uid) => names.uid(uid),
  };
  async function lookUp(key: string) {
    const [pseudonym, shiftDays] = await Promise.all([names.pseudonym(key), names.shiftDays(key)]);
    return { pseudonym, shiftDays };
  }
}
