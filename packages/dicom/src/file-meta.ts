/** File Meta Information (PS3.10 7.1): always explicit VR little endian, flat, small. */
import { DomainError } from "@crossread/contracts/errors";

export interface FileMeta {
  readonly transferSyntaxUid: string;
  /** The UID's bytes in the file, padding included. */
  readonly syntaxStart: number;
  readonly syntaxEnd: number;
  /** Where the data set begins. */
  readonly end: number;
}

const firstElement = 132;
const maxElementCount = 64;
/** Table 7.1-1; OB has a long length. */
const longVrs = new Set(["OB", "OW", "UN", "UT", "UR"]);
const shortVrs = new Set(["UI", "UL", "SH", "AE", "LO", "CS", "US", "ST", "DA", "TM", "DT", "PN"]);

/** Reads group 0002 by itself: nothing in it nests, so a parser of data sets never sees one that does. */
export function readFileMeta(file: Uint8Array, fileName: string): FileMeta {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let syntax = { syntaxStart: 0, syntaxEnd: 0 };
  let offset = firstElement;
  for (let count = 0; offset + 8 <= file.length && view.getUint16(offset, true) === 2; count++) {
    const vr = String.fromCharCode(file[offset + 4]!, file[offset + 5]!);
    const isLong = longVrs.has(vr);
    const isKnown = (isLong || shortVrs.has(vr)) && count < maxElementCount;
    if (!isKnown) throw unreadable(fileName, "has an element that does not belong there");
    if (isLong && offset + 12 > file.length) throw truncated(fileName);
    const length = isLong ? view.getUint32(offset + 8, true) : view.getUint16(offset + 6, true);
    const start = offset + (isLong ? 12 : 8);
    if (start + length > file.length) throw truncated(fileName);
    if (view.getUint16(offset + 2, true) === 0x0010)
      syntax = { syntaxStart: start, syntaxEnd: start + length };
    offset = start + length;
  }
  const text = new TextDecoder("latin1").decode(file.subarray(syntax.syntaxStart, syntax.syntaxEnd));
  const transferSyntaxUid = text.replace(/[\0 ]+$/, "");
  if (transferSyntaxUid === "") throw unreadable(fileName, "names no transfer syntax");
  return { transferSyntaxUid, ...syntax, end: offset };
}

function unreadable(fileName: string, what: string): DomainError {
  return new DomainError("image-unreadable", `The file meta information of ${fileName} ${what}.`);
}

function truncated(fileName: string): DomainError {
  return new DomainError("image-truncated", `${fileName} ends inside its file meta information.`);
}
