/** One DICOM image in, the same image without the person out: deterministic, idempotent, in Node and in the browser. */
import { DomainError } from "@crossread/contracts/errors";
import type { CodecOptions } from "../pixel-data.ts";
import { allowListOf, deidentifiableClassUids } from "./allow-list.ts";
import { cleanDataSet, type CleanedDataSet } from "./clean-data-set.ts";
import type { DeidentificationProfile } from "./confidentiality-profile.ts";
import {
  asciiValues,
  type DataElement,
  type DicomFile,
  findElement,
  firstAscii,
  storedPixelBytes,
} from "./data-element.ts";
import { deidentificationMark, hasCleanPixels, readMac, readSeenMac } from "./deidentification-mark.ts";
import type { DeidentifiedFile, PixelFinding, PixelRegion } from "./deidentified-file.ts";
import { checkPixels } from "./check-pixels.ts";
import { collectUids } from "./collect-uids.ts";
import { decodedText } from "./decoded-text.ts";
import { maskRegions, type MaskedDataSet } from "./mask-regions.ts";
import { parseDicomFile } from "./parse-data-set.ts";
import { ageAt } from "./shift-date.ts";
import {
  openSitePseudonyms,
  type OutputIdentity,
  patientKeyOf,
  type SitePseudonyms,
} from "./site-pseudonyms.ts";
import { dayCarry, timeRuleOf } from "./time-of-day.ts";
import { writeDicomFile } from "./write-data-set.ts";

export interface DeidentificationOptions {
  readonly profile: DeidentificationProfile;
  /** 32 bytes: the same key gives the same pseudonyms, another site's key none of them. */
  readonly siteKey: Uint8Array;
  /** For messages only; nothing of it remains. */
  readonly fileName: string;
  /** "check": decode the pixels and look for burned-in text; otherwise they are left unchecked. */
  readonly pixels?: "check" | "leave";
  /** Overwritten with black; the image is then stored uncompressed. */
  readonly masks?: readonly PixelRegion[];
  /** A person has looked at the pixels and lets them pass, or a rule of a person does. */
  readonly arePixelsAllowed?: boolean;
  /** Where the browser finds the decoders. */
  readonly codecs?: CodecOptions;
}

/** @throws {DomainError} for what is no DICOM image of a kind that can be de-identified for certain */
export async function deidentify(
  bytes: Uint8Array,
  options: DeidentificationOptions,
): Promise<DeidentifiedFile> {
  return (await deidentifyFile(bytes, options)).result;
}

export interface Deidentification {
  readonly file: DicomFile;
  readonly cleaned: CleanedDataSet;
  readonly result: DeidentifiedFile;
}

/** The result together with what it was made from, for the preview. */
export async function deidentifyFile(
  bytes: Uint8Array,
  options: DeidentificationOptions,
): Promise<Deidentification> {
  const { fileName, profile, siteKey } = options;
  const file = parseDicomFile(bytes, fileName);
  const sopClassUid = firstAscii(file.elements, "00080016") ?? "";
  const allowList = allowListOf(sopClassUid);
  if (allowList === undefined) {
    throw new DomainError(
      "deidentification-refused",
      `Only images of ${deidentifiableClassUids.length} SOP classes are de-identified, but ${fileName} has ${sopClassUid === "" ? "none" : "another"}.`,
    );
  }
  const site = await openSitePseudonyms(siteKey);
  const identity = await identify(file, site, fileName);
  const oldUids = collectUids(file.elements, allowList);
  const keepsUids = profile.options.has("retain-uids");
  const newUids = new Map<string, string>();
  for (const oldUid of oldUids) newUids.set(oldUid, keepsUids ? oldUid : await identity.newUid(oldUid));
  const times = timeRuleOf(file.elements, profile.options.has("retain-full-dates"));
  const cleaned = cleanDataSet(file, {
    allowList,
    profile,
    pseudonym: identity.pseudonym,
    shiftDays: profile.options.has("retain-modified-dates") ? identity.shiftDays : 0,
    times,
    dayCarry: (tag) => dayCarry(tag, file.elements, times),
    newUid: (oldUid) => newUids.get(oldUid) ?? "",
    age: ageAt(firstAscii(file.elements, "00100030") ?? "", firstAscii(file.elements, "00080020") ?? ""),
    fileName,
  });
  const uid = (tag: string) => firstAscii(cleaned.elements, tag) ?? "";
  const output: OutputIdentity = {
    pseudonym: identity.pseudonym,
    studyInstanceUid: uid("0020000D"),
    seriesInstanceUid: uid("0020000E"),
    sopInstanceUid: uid("00080018"),
  };
  const masks = options.masks ?? [];
  const saysBurnedIn = masks.length === 0 && firstAscii(file.elements, "00280301") === "YES";
  const wasMasked = identity.wasOurs && hasCleanPixels(findElement(file.elements, "00120064"));
  const write = (content: MaskedDataSet) =>
    writeDicomFile({ ...content, sopClassUid, sopInstanceUid: output.sopInstanceUid });
  const plain = { transferSyntaxUid: file.transferSyntaxUid, elements: cleaned.elements };
  const drawn =
    masks.length === 0
      ? plain
      : await maskRegions(write(plain), {
          fileName,
          codecs: options.codecs,
          elements: cleaned.elements,
          isBigEndian: file.encoding.isBigEndian,
          regions: masks,
        });
  const hasMasks = masks.length > 0 || wasMasked;
  const isSeen = masks.length > 0 || options.arePixelsAllowed === true || identity.wereSeen;
  const mark = deidentificationMark(profile, {
    mac: await site.mac(output),
    hasCleanPixels: hasMasks,
    seenMac: isSeen ? await site.seenMac(output, storedPixelBytes(drawn.elements)) : undefined,
  });
  const written = write({ ...drawn, elements: [...drawn.elements, ...mark].sort(byTag) });
  return {
    file,
    cleaned,
    result: {
      bytes: written,
      fileName: `${output.sopInstanceUid}.dcm`,
      ...output,
      sopClassUid,
      wasOurs: identity.wasOurs,
      actions: cleaned.changes.map(({ action }) => action),
      pixels:
        options.pixels === "check"
          ? await checkPixels(written, { fileName, codecs: options.codecs, saysBurnedIn })
          : unchecked,
      pixelDecision: isSeen ? (hasMasks ? "masked" : "allowed") : undefined,
    },
  };
}

const unchecked: PixelFinding = { status: "unchecked", regions: [] };

interface Identity {
  readonly pseudonym: string;
  readonly shiftDays: number;
  readonly newUid: (oldUid: string) => Promise<string>;
  readonly wasOurs: boolean;
  /** A person decided about the pixels that the file came with. */
  readonly wereSeen: boolean;
}

async function identify(file: DicomFile, site: SitePseudonyms, fileName: string): Promise<Identity> {
  const { elements } = file;
  const uid = (tag: string, name: string) => {
    const value = asciiValues(findElement(elements, tag))[0] ?? "";
    if (/^[0-9.]{1,64}$/.test(value)) return value;
    throw new DomainError("uid-missing", `An image needs a valid ${name}, but ${fileName} has none.`);
  };
  const found: OutputIdentity = {
    pseudonym: decodedText(elements, "00100020"),
    studyInstanceUid: uid("0020000D", "Study Instance UID"),
    seriesInstanceUid: uid("0020000E", "Series Instance UID"),
    sopInstanceUid: uid("00080018", "SOP Instance UID"),
  };
  const mac = readMac(findElement(elements, "00120063"));
  if (mac !== undefined && mac === (await site.mac(found))) {
    // Only UIDs of our own making are taken over: the MAC covers three of them.
    const newUid = async (oldUid: string) => (oldUid.startsWith("2.25.") ? oldUid : site.uid(oldUid));
    const seenMac = readSeenMac(findElement(elements, "00120063"));
    const wereSeen =
      seenMac !== undefined && seenMac === (await site.seenMac(found, storedPixelBytes(elements)));
    return { pseudonym: found.pseudonym, shiftDays: 0, newUid, wasOurs: true, wereSeen };
  }
  if (found.pseudonym === "") {
    throw new DomainError(
      "patient-id-missing",
      `An image needs a Patient ID, so that all of one woman's images get one pseudonym, but ${fileName} has none.`,
    );
  }
  const patientKey = patientKeyOf(found.pseudonym, decodedText(elements, "00100021"));
  return {
    pseudonym: await site.pseudonym(patientKey),
    shiftDays: await site.shiftDays(patientKey),
    newUid: (oldUid) => site.uid(oldUid),
    wasOurs: false,
    wereSeen: false,
  };
}

const byTag = (first: DataElement, second: DataElement) => (first.tag < second.tag ? -1 : 1);
