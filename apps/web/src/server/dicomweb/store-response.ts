/** Store Instances Response Module (PS3.18 I.2). */
import type { DicomJson } from "@crossread/dicom/dicom-json";
import type { StoredReference, StoreVerdict } from "./store-verdict.ts";

/**
 * Retrieve URLs stay out: the worker gives every instance new UIDs, unless they are its own, so that no address under
 * the UIDs that were sent would be answered.
 */
export function storeResponse(verdicts: readonly StoreVerdict[]): DicomJson {
  const stored = verdicts.filter((verdict) => verdict.ok);
  const failed = verdicts.filter((verdict) => !verdict.ok);
  return {
    "00081190": { vr: "UR" },
    ...(failed.length === 0
      ? {}
      : {
          // Failed SOP Sequence
          "00081198": {
            vr: "SQ",
            Value: failed.map((verdict) => ({
              ...referenceOf(verdict.reference),
              "00081197": { vr: "US", Value: [verdict.failureReason] },
            })),
          },
        }),
    ...(stored.length === 0
      ? {}
      : {
          // Referenced SOP Sequence
          "00081199": {
            vr: "SQ",
            Value: stored.map(({ reference }) => ({ ...referenceOf(reference), "00081190": { vr: "UR" } })),
          },
        }),
  };
}

const uid = (value: string) => (value === "" ? { vr: "UI" } : { vr: "UI", Value: [value] });

const referenceOf = (reference: StoredReference) => ({
  "00081150": uid(reference.sopClassUid),
  "00081155": uid(reference.sopInstanceUid),
});
