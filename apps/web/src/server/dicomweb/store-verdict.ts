/** What can be said of a file at the door, from its header alone (PS3.18 10.5.3, table 10.5.3-1). */
import { isDomainError } from "@crossread/contracts/errors";
import { looksLikeDicom } from "@crossread/dicom/dicom-data-set";
import { refusalOf } from "@crossread/dicom/mammography-rules";
import { readInstance } from "@crossread/dicom/read-instance";

export interface StoredReference {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
}

export type StoreVerdict =
  | { readonly ok: true; readonly reference: StoredReference }
  | {
      readonly ok: false;
      readonly reference: StoredReference;
      /** (0008,1197) Failure Reason. */
      readonly failureReason: number;
      /** Whether the file goes to the worker all the same, which writes it into the list of refused files. */
      readonly isListed: boolean;
    };

/** PS3.18 table I.2-2 and PS3.4 table B.2-1. */
const failureReasons = {
  cannotUnderstand: 0xc000,
  dataSetMismatch: 0xa900,
  sopClassNotSupported: 0x0122,
} as const;

const noReference: StoredReference = { sopClassUid: "", sopInstanceUid: "" };

/** @param studyInstanceUid - that of the request's address, if it has one */
export function verdictOf(bytes: Uint8Array, studyInstanceUid: string | undefined): StoreVerdict {
  const failed = (failureReason: number, reference = noReference, isListed = true): StoreVerdict => ({
    ok: false,
    reference,
    failureReason,
    isListed,
  });
  if (!looksLikeDicom(bytes)) return failed(failureReasons.cannotUnderstand);
  try {
    const instance = readInstance(bytes, "The file");
    const { sopClassUid, sopInstanceUid } = instance;
    const reference = { sopClassUid, sopInstanceUid };
    if (studyInstanceUid !== undefined && instance.studyInstanceUid !== studyInstanceUid) {
      // Sent to the wrong address, not unusable: nothing for the site's people to repair.
      return failed(failureReasons.dataSetMismatch, reference, false);
    }
    if (sopInstanceUid === "") return failed(failureReasons.cannotUnderstand, reference);
    if (refusalOf(instance) !== undefined) return failed(failureReasons.sopClassNotSupported, reference);
    return { ok: true, reference };
  } catch (error) {
    if (!isDomainError(error)) throw error;
    const isKind = error.code === "image-kind-refused" || error.code === "transfer-syntax-unsupported";
    return failed(isKind ? failureReasons.sopClassNotSupported : failureReasons.cannotUnderstand);
  }
}
