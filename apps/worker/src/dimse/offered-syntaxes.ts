/** What a sender may negotiate: every storage class, so that what is unusable ends in the list of refused files. */
const verificationUid = "1.2.840.10008.1.1";
/** PS3.4 B.5: the storage SOP classes. */
const storageRoot = "1.2.840.10008.5.1.4.1.1.";

export const isOfferedClass = (abstractSyntaxUid: string): boolean =>
  abstractSyntaxUid === verificationUid || abstractSyntaxUid.startsWith(storageRoot);

/** Those of which `@crossread/dicom` decodes the pixels. */
const transferSyntaxes = new Set([
  "1.2.840.10008.1.2",
  "1.2.840.10008.1.2.1",
  "1.2.840.10008.1.2.1.99",
  "1.2.840.10008.1.2.2",
  "1.2.840.10008.1.2.5",
  "1.2.840.10008.1.2.4.50",
  "1.2.840.10008.1.2.4.51",
  "1.2.840.10008.1.2.4.57",
  "1.2.840.10008.1.2.4.70",
  "1.2.840.10008.1.2.4.80",
  "1.2.840.10008.1.2.4.81",
  "1.2.840.10008.1.2.4.90",
  "1.2.840.10008.1.2.4.91",
  "1.2.840.10008.1.2.4.201",
  "1.2.840.10008.1.2.4.202",
  "1.2.840.10008.1.2.4.203",
]);

/** The sender's first that is decoded here: its order is its preference, and what it names first it need not convert. */
export const acceptedSyntax = (proposed: readonly string[]): string | undefined =>
  proposed.find((transferSyntaxUid) => transferSyntaxes.has(transferSyntaxUid));
