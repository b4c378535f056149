/** Marker segments of a JPEG codestream of one component and one scan (ITU-T T.81 B.2), up to its entropy-coded data. */
import { DomainError } from "@crossread/contracts/errors";
import { type HuffmanTable, createHuffmanTable } from "./jpeg-huffman-table.ts";

export interface JpegScan {
  /** SOF0, SOF1 or SOF3. */
  readonly frameMarker: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bitsPerSample: number;
  readonly quantisation: Uint16Array | undefined;
  readonly dc: HuffmanTable | undefined;
  readonly ac: HuffmanTable | undefined;
  /** MCUs between restart markers; 0 where there are none. */
  readonly restartInterval: number;
  /** Predictor of a lossless scan. */
  readonly selection: number;
  readonly pointTransform: number;
  /** Where the entropy-coded data begin. */
  readonly offset: number;
}

interface Frame {
  readonly marker: number;
  readonly segment: Uint8Array;
}

interface Tables {
  readonly quantisation: Map<number, Uint16Array>;
  readonly dc: Map<number, HuffmanTable>;
  readonly ac: Map<number, HuffmanTable>;
  restartInterval: number;
}

/** Reads up to the first scan; refuses what is progressive, arithmetic, hierarchical or of several components. */
export function readJpegScan(bytes: Uint8Array, fileName: string): JpegScan {
  const tables: Tables = { quantisation: new Map(), dc: new Map(), ac: new Map(), restartInterval: 0 };
  let frame: Frame | undefined;
  let offset = 2;
  for (;;) {
    const marker = wordAt(bytes, offset, fileName);
    if (marker === 0xffff) {
      offset += 1; // fill byte
      continue;
    }
    if (marker < 0xffc0 || marker === 0xffd9)
      throw brokenJpeg(fileName, "has no scan where one should begin");
    const length = wordAt(bytes, offset + 2, fileName);
    const end = offset + 2 + length;
    if (length < 2) throw brokenJpeg(fileName, "has a segment without a length");
    if (end > bytes.length) throw truncatedJpeg(fileName);
    const segment = bytes.subarray(offset + 4, end);
    if (marker === 0xffdb) readQuantisation(segment, tables, fileName);
    else if (marker === 0xffc4) readHuffman(segment, tables, fileName);
    else if (marker === 0xffdd) tables.restartInterval = wordAt(segment, 0, fileName);
    else if (marker === 0xffda) return toScan({ frame, segment, tables, offset: end, fileName });
    else if (marker === 0xffc0 || marker === 0xffc1 || marker === 0xffc3) frame = { marker, segment };
    else if (marker <= 0xffcf) {
      throw new DomainError(
        "transfer-syntax-unsupported",
        `JPEG is decoded where it is sequential or lossless and Huffman-coded, but ${fileName} has process SOF${marker & 15}.`,
      );
    }
    offset = end;
  }
}

interface ScanParts {
  readonly frame: Frame | undefined;
  readonly segment: Uint8Array;
  readonly tables: Tables;
  readonly offset: number;
  readonly fileName: string;
}

function toScan({ frame, segment, tables, offset, fileName }: ScanParts): JpegScan {
  const header = frame?.segment;
  if (frame === undefined || header === undefined || header.length < 9 || header[5] !== 1) {
    throw brokenJpeg(fileName, "has no frame header of one component before its scan");
  }
  if (segment.length < 6 || segment[0] !== 1 || segment[1] !== header[6]) {
    throw brokenJpeg(fileName, "has a scan that does not belong to its frame");
  }
  return {
    frameMarker: frame.marker,
    bitsPerSample: header[0]!,
    heightPx: wordAt(header, 1, fileName),
    widthPx: wordAt(header, 3, fileName),
    quantisation: tables.quantisation.get(header[8]!),
    dc: tables.dc.get(segment[2]! >> 4),
    ac: tables.ac.get(segment[2]! & 15),
    restartInterval: tables.restartInterval,
    selection: segment[3]!,
    pointTransform: segment[5]! & 15,
    offset,
  };
}

function readQuantisation(segment: Uint8Array, tables: Tables, fileName: string): void {
  for (let offset = 0; offset < segment.length;) {
    const bytesPerEntry = segment[offset]! >> 4 === 0 ? 1 : 2;
    const table = new Uint16Array(64);
    if (offset + 1 + 64 * bytesPerEntry > segment.length)
      throw brokenJpeg(fileName, "cuts a quantisation table");
    for (let index = 0; index < 64; index++) {
      const at = offset + 1 + index * bytesPerEntry;
      table[index] = bytesPerEntry === 1 ? segment[at]! : wordAt(segment, at, fileName);
    }
    tables.quantisation.set(segment[offset]! & 15, table);
    offset += 1 + 64 * bytesPerEntry;
  }
}

function readHuffman(segment: Uint8Array, tables: Tables, fileName: string): void {
  for (let offset = 0; offset < segment.length;) {
    const counts = segment.subarray(offset + 1, offset + 17);
    const valueCount = counts.reduce((total, count) => total + count, 0);
    const end = offset + 17 + valueCount;
    const table =
      end > segment.length ? undefined : createHuffmanTable(counts, segment.slice(offset + 17, end));
    if (table === undefined) throw brokenJpeg(fileName, "has an impossible Huffman table");
    const kind = segment[offset]! >> 4 === 0 ? tables.dc : tables.ac;
    kind.set(segment[offset]! & 15, table);
    offset = end;
  }
}

export function wordAt(bytes: Uint8Array, offset: number, fileName: string): number {
  if (offset + 1 >= bytes.length) throw truncatedJpeg(fileName);
  return (bytes[offset]! << 8) | bytes[offset + 1]!;
}

export function brokenJpeg(fileName: string, what: string): DomainError {
  return new DomainError("image-unreadable", `The JPEG codestream of ${fileName} ${what}.`);
}

export function truncatedJpeg(fileName: string): DomainError {
  return new DomainError("image-truncated", `The JPEG codestream of ${fileName} ends too early.`);
}
