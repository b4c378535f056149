/** Whether a codestream is all there and asks for no absurd work: the codecs themselves fill what is missing with grey. */
import { DomainError } from "@crossread/contracts/errors";
import type { CodestreamHeader } from "./codestream-header.ts";

/** Packets of a JPEG 2000 tile grid: a 64 Mpx image in precincts of 128 × 128 with 20 layers has fewer. */
export const maxPacketCount = 2 ** 18;
/** ITU-T T.800 A.4.2: Isot has 16 bits. */
const maxTileCount = 65_535;

const jpeg2000Start = 0xff51;
const startOfTilePart = 0xff90;
const startOfData = 0xff93;
const codingStyle = 0xff52;
const endOfCodestream = 0xffd9;

/**
 * Refuses a codestream without its end marker or whose tile-parts do not add up to it.
 *
 * @complexity O(markers); JPEG and JPEG-LS O(1)
 * @source ITU-T T.81 B.1.1.3, T.87 C.2, T.800 A.4
 */
export function assertWholeCodestream(bytes: Uint8Array, header: CodestreamHeader, fileName: string): void {
  if (header.frameMarker === jpeg2000Start) assertTileParts(bytes, header, fileName);
  else if (!endsWithEndOfImage(bytes)) throw truncated(fileName);
}

/** DICOM pads a fragment to even length with a zero; some writers add more of them, or fill bytes. */
function endsWithEndOfImage(bytes: Uint8Array): boolean {
  let end = bytes.length;
  while (end > 2 && (bytes[end - 1] === 0 || bytes[end - 1] === 0xff)) end -= 1;
  return bytes[end - 2] === 0xff && bytes[end - 1] === 0xd9;
}

function assertTileParts(bytes: Uint8Array, header: CodestreamHeader, fileName: string): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wordAt = (offset: number) => {
    if (offset + 2 > bytes.length) throw truncated(fileName);
    return view.getUint16(offset);
  };
  const seenTiles = new Set<number>();
  let tileCount = 0;
  let offset = 2;
  for (;;) {
    const marker = wordAt(offset);
    if (marker === endOfCodestream) {
      // A decoder leaves a tile that is not there black.
      if (seenTiles.size === tileCount) return;
      throw truncated(fileName);
    }
    if (marker < 0xff4f || marker === startOfData)
      throw broken(fileName, "has no marker where one should be");
    const length = wordAt(offset + 2);
    if (length < 2 || offset + 2 + length > bytes.length) throw truncated(fileName);
    if (marker === jpeg2000Start) tileCount = readTileCount(view, offset, fileName);
    else if (marker === codingStyle) assertPacketCount({ view, offset, length, header, fileName });
    if (marker !== startOfTilePart) {
      offset += 2 + length;
      continue;
    }
    if (length < 10) throw broken(fileName, "has a tile-part header of another form");
    const tile = view.getUint16(offset + 4);
    if (tile >= tileCount) throw broken(fileName, "has a tile that does not exist");
    seenTiles.add(tile);
    const partLength = view.getUint32(offset + 6);
    // Psot 0: the last tile-part reaches to the end marker (A.4.2).
    if (partLength === 0) {
      if (!endsWithEndOfImage(bytes) || seenTiles.size !== tileCount) throw truncated(fileName);
      return;
    }
    if (partLength < 14) throw broken(fileName, "has a tile-part shorter than its header");
    offset += partLength;
  }
}

/** SIZ (A.5.1): image and tile size and offsets. */
function readTileCount(view: DataView, offset: number, fileName: string): number {
  if (offset + 36 > view.byteLength) throw truncated(fileName);
  const [width, height, , , tileWidth, tileHeight, tileX, tileY] = Array.from({ length: 8 }, (_, index) =>
    view.getUint32(offset + 6 + 4 * index),
  );
  const across = Math.ceil((width! - tileX!) / tileWidth!);
  const down = Math.ceil((height! - tileY!) / tileHeight!);
  const isPossible = tileWidth! > 0 && tileHeight! > 0 && across > 0 && down > 0;
  if (!isPossible || across * down > maxTileCount) {
    throw broken(fileName, `asks for more than ${maxTileCount} tiles`);
  }
  return across * down;
}

interface CodingStyle {
  readonly view: DataView;
  readonly offset: number;
  readonly length: number;
  readonly header: CodestreamHeader;
  readonly fileName: string;
}

/** COD (A.6.1): layers × precincts of all resolutions is the number of packets that a decoder visits. */
function assertPacketCount({ view, offset, length, header, fileName }: CodingStyle): void {
  if (length < 12) throw broken(fileName, "has a coding style of another form");
  const layers = view.getUint16(offset + 6);
  const levels = view.getUint8(offset + 9);
  if (levels > 32) throw broken(fileName, "asks for more than 32 decompositions");
  const hasPrecincts = (view.getUint8(offset + 4) & 1) === 1;
  if (hasPrecincts && length < 13 + levels) throw broken(fileName, "cuts its precinct sizes");
  let precincts = 0;
  for (let resolution = 0; resolution <= levels; resolution++) {
    const size = hasPrecincts ? view.getUint8(offset + 14 + resolution) : 0xff;
    const shrink = 2 ** (levels - resolution);
    const across = Math.ceil(header.widthPx / shrink / 2 ** (size & 15));
    const down = Math.ceil(header.heightPx / shrink / 2 ** (size >> 4));
    precincts += across * down;
  }
  if (layers * precincts > maxPacketCount) {
    throw broken(
      fileName,
      `asks for ${layers * precincts} packets, of which at most ${maxPacketCount} are read`,
    );
  }
}

function broken(fileName: string, what: string): DomainError {
  return new DomainError("image-unreadable", `The codestream of ${fileName} ${what}.`);
}

function truncated(fileName: string): DomainError {
  return new DomainError("image-truncated", `The codestream of ${fileName} ends too early.`);
}
