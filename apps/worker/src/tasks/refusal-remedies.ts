const remedies: Readonly<Record<string, string>> = {
  "not-dicom": "Send the DICOM files that the modality or the PACS exported.",
  "not-mammography": "Send only mammograms (Modality MG).",
  tomosynthesis: "Send the synthetic 2D or the full-field views of the same study.",
  "multi-frame": "Send every view as a file of its own.",
  "secondary-capture": "Send the images of the modality itself, not screenshots or reports.",
  "for-processing": "Send the images FOR PRESENTATION of the same study.",
  specimen: "Leave specimen images out.",
  "not-grayscale": "Send the grayscale original.",
  "laterality-missing": "Fill Image Laterality (0020,0062) with L or R and send the file again.",
  "view-missing": "Fill View Code Sequence (0054,0220) with CC or MLO and send the file again.",
  "view-refused": "Send the CC and MLO views; additional views are not read.",
  "partial-view": "Send the full-field view; magnification and spot views are not read.",
  "burned-in-annotation": "Remove what is burned into the pixels, or send the file without it.",
  "identity-present":
    "De-identify the file in the upload page, or with crossread deidentify, and send it again.",
  "pseudonym-missing":
    "De-identify the file in the upload page, which assigns a pseudonym, and send it again.",
  "uid-missing": "Export the file again from the PACS: without its UIDs it cannot be told from others.",
  "patient-id-missing": "Fill Patient ID (0010,0020) and send the file again: it becomes the pseudonym.",
  "deidentification-refused": "Send the images themselves; documents and reports cannot be de-identified.",
  "burned-in-text": "Mask the marked regions in the upload page and send the file again.",
  "suspected-text": "Look at the image, then cover the text, let it pass, or leave the file out.",
  "image-blank": "Send the image that was taken: this one shows nothing.",
  "image-truncated": "The file is not complete: export it again and send it again.",
  "image-unreadable": "The file is damaged or not what it says: export it again and send it again.",
  "blob-missing": "Send the file again.",
  "blob-digest-mismatch": "Send the file again.",
  "transfer-syntax-unsupported": "Export the file uncompressed or as JPEG 2000 and send it again.",
};

/** What to do about a refusal, in one sentence. */
export const remedyOf = (code: string): string =>
  remedies[code] ?? "Check the file at the site that exported it and send it again.";
