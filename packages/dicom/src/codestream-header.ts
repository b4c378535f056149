/** Size of a JPEG, JPEG-LS (ITU-T T.81 B.2.2, T.87 C.2.2) or JPEG 2000 (T.800 A.5.1) codestream, without decoding it. */
import { DomainError } from "@crossread/contracts/errors";

export interface CodestreamHeader {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly componentCount: number;
  readonly bitsPerSample: number;
  /** Ssiz of JPEG 2000; JPEG and JPEG-LS know no sign. */
  readonly isSigned: boolean;
  /** JPEG start-of-frame marker, 0xffc0…0xffcf or 0xfff7; 0xff51 for JPEG 2000. */
  readonly frameMarker: number;
}

export function readCodestreamHeader(bytes: Uint8Array, fileName: string): CodestreamHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const start = view.getUint16(0);
    const header = start === 0xff4f ? readSiz(view) : start === 0xffd8 ? readStartOfFrame(view) : undefined;
    if (header !== undefined) return header;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new DomainError("image-truncated", `The codestream of ${fileName} ends inside its header.`, {
      cause: error,
    });
  }
  throw new DomainError(
    "image-unreadable",
    `${fileName} holds no JPEG or JPEG 2000 codestream where it should.`,
  );
}

/** Offset of the first component's Ssiz. */
const signOffset = 42;

/** A copy of a JPEG 2000 codestream that declares its samples unsigned: they come out 2^(bits − 1) higher. */
export function withoutSign(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[signOffset]! &= 0x7f;
  return copy;
}

function readSiz(view: DataView): CodestreamHeader | undefined {
  if (view.getUint16(2) !== 0xff51) return undefined;
  return {
    // B.2 eq. B-2: a component that is sampled more coarsely has fewer samples than the image.
    widthPx: samples(view.getUint32(8), view.getUint32(16), view.getUint8(43)),
    heightPx: samples(view.getUint32(12), view.getUint32(20), view.getUint8(44)),
    componentCount: view.getUint16(40),
    bitsPerSample: (view.getUint8(signOffset) & 0x7f) + 1,
    isSigned: view.getUint8(signOffset) >= 0x80,
    frameMarker: 0xff51,
  };
}

const samples = (end: number, start: number, step: number): number =>
  Math.ceil(end / step) - Math.ceil(start / step);

function readStartOfFrame(view: DataView): CodestreamHeader | undefined {
  let offset = 2;
  for (;;) {
    const marker = view.getUint16(offset);
    if (marker === 0xffff) {
      offset += 1; // fill byte
    } else if (isStartOfFrame(marker)) {
      return {
        widthPx: view.getUint16(offset + 7),
        heightPx: view.getUint16(offset + 5),
        componentCount: view.getUint8(offset + 9),
        bitsPerSample: view.getUint8(offset + 4),
        isSigned: false,
        frameMarker: marker,
      };
    } else if (marker < 0xff00 || marker === 0xffd9 || marker === 0xffda) {
      return undefined;
    } else {
      offset += 2 + view.getUint16(offset + 2);
    }
  }
}

/** SOF0…SOF15 without DHT, JPG and DAC, which share the range; SOF55 is JPEG-LS. */
function isStartOfFrame(marker: number): boolean {
  const isOther = marker === 0xffc4 || marker === 0xffc8 || marker === 0xffcc;
  return marker === 0xfff7 || (marker >= 0xffc0 && marker <= 0xffcf && !isOther);
}
