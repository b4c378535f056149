/** Walks the encoding of a data set (PS3.5 7) once, without keeping anything, so that no later reader meets a surprise. */
import { DomainError } from "@crossread/contracts/errors";

/** Elements, items and fragments together; a mammogram has some hundreds, per-frame groups of tomosynthesis thousands. */
export const maxElementCount = 200_000;
/** Sequences inside sequences; structured reports nest deepest and stay below 20. */
export const maxSequenceDepth = 32;

export interface Encoding {
  readonly isImplicit: boolean;
  readonly isBigEndian: boolean;
  readonly fileName: string;
}

interface Level {
  readonly kind: "data-set" | "sequence";
  readonly end: number | undefined;
  readonly isImplicit: boolean;
}

const undefinedLength = 0xffff_ffff;
const pixelData = 0x7fe0_0010;
const item = 0xfffe_e000;
const itemEnd = 0xfffe_e00d;
const sequenceEnd = 0xfffe_e0dd;
/** VRs with a 32-bit length (PS3.5 7.1.2); the same ones as dicom-parser knows, which reads the file afterwards. */
const longVrs = new Set(["OB", "OD", "OF", "OL", "OW", "SQ", "UC", "UN", "UR", "UT"]);
/** Later VRs with a 32-bit length, which dicom-parser takes for short ones. */
const unknownLongVrs = new Set(["OV", "SV", "UV"]);

/**
 * Refuses a data set whose lengths do not fit together, or that nests or counts beyond the limits above.
 *
 * @param offset - where the data set begins in the bytes
 * @throws {DomainError} "image-truncated" where a length reaches past its container; "image-unreadable" otherwise
 * @complexity O(elements) time, O(depth) memory
 */
export function assertDataSetStructure(bytes: Uint8Array, offset: number, encoding: Encoding): void {
  new StructureWalk(bytes, offset, encoding).run();
}

class StructureWalk {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #encoding: Encoding;
  readonly #levels: Level[];
  #offset: number;
  #count = 0;

  constructor(bytes: Uint8Array, offset: number, encoding: Encoding) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#encoding = encoding;
    this.#levels = [{ kind: "data-set", end: bytes.length, isImplicit: encoding.isImplicit }];
    this.#offset = offset;
  }

  run(): void {
    for (let level = this.#levels.at(-1); level !== undefined; level = this.#levels.at(-1)) {
      if (this.#offset === level.end) this.#levels.pop();
      else if (level.end !== undefined && this.#offset > level.end) throw this.#truncated();
      else if (level.kind === "sequence") this.#readItem(level);
      else if (this.#levels.length === 1 && this.#isPaddingToTheEnd()) return;
      else this.#readElement(level);
    }
  }

  #readItem(level: Level): void {
    const tag = this.#readTag();
    const length = this.#readUint32();
    if (tag === item) this.#push("data-set", length, level.isImplicit);
    else if (tag === sequenceEnd && level.end === undefined) this.#levels.pop();
    else throw this.#unreadable("has a sequence that holds something else than items");
  }

  #readElement(level: Level): void {
    const tag = this.#readTag();
    if (tag === itemEnd && level.end === undefined) {
      this.#readUint32();
      this.#levels.pop();
      return;
    }
    if (tag >>> 16 === 0xfffe) throw this.#unreadable("has an item outside a sequence");
    this.#countOne();
    const vr = level.isImplicit ? "" : this.#readVr();
    const length = level.isImplicit || longVrs.has(vr) ? this.#readLongLength(vr) : this.#readUint16();
    if (length !== undefinedLength) {
      this.#assertFits(length);
      const isSequence = vr === "SQ" || (level.isImplicit && this.#isImplicitSequence(tag, length));
      if (isSequence) this.#push("sequence", length, level.isImplicit);
      else this.#offset += length;
    } else if (tag === pixelData && !level.isImplicit) this.#readFragments();
    else if (level.isImplicit || vr === "SQ") this.#push("sequence", length, level.isImplicit);
    else if (vr === "UN")
      this.#push("sequence", length, true); // PS3.5 6.2.2 note 2
    else throw this.#unreadable(`gives an element of VR ${vr} no length`);
  }

  #readFragments(): void {
    for (;;) {
      // Some writers leave the last delimiter out; whether the frame is whole shows in its codestream.
      if (this.#offset === this.#bytes.length) return;
      const tag = this.#readTag();
      const length = this.#readUint32();
      if (tag === sequenceEnd) return;
      if (tag !== item || length === undefinedLength) {
        throw this.#unreadable("has encapsulated Pixel Data that holds something else than fragments");
      }
      this.#countOne();
      this.#assertFits(length);
      this.#offset += length;
    }
  }

  #push(kind: Level["kind"], length: number, isImplicit: boolean): void {
    this.#countOne();
    if (length !== undefinedLength) this.#assertFits(length);
    // Every sequence adds two levels: itself and its item.
    if (this.#levels.length > 2 * maxSequenceDepth) {
      throw this.#unreadable(`nests sequences deeper than ${maxSequenceDepth}`);
    }
    this.#levels.push({
      kind,
      isImplicit,
      end: length === undefinedLength ? undefined : this.#offset + length,
    });
  }

  /** Without VRs a sequence shows by its first item; private elements are not looked into. */
  #isImplicitSequence(tag: number, length: number): boolean {
    const isPrivate = ((tag >>> 16) & 1) === 1;
    if (isPrivate || length < 8 || tag === pixelData) return false;
    const start = this.#offset;
    const first = this.#readTag();
    this.#offset = start;
    return first === item || first === sequenceEnd;
  }

  #isPaddingToTheEnd(): boolean {
    if (this.#bytes[this.#offset] !== 0 || this.#bytes[this.#offset + 1] !== 0) return false;
    return this.#bytes.subarray(this.#offset).every((byte) => byte === 0);
  }

  #readTag(): number {
    const group = this.#readUint16();
    return ((group << 16) | this.#readUint16()) >>> 0;
  }

  #readVr(): string {
    this.#assertFits(2);
    const vr = String.fromCharCode(this.#bytes[this.#offset]!, this.#bytes[this.#offset + 1]!);
    this.#offset += 2;
    if (unknownLongVrs.has(vr)) throw this.#unreadable(`has the VR ${vr}, which no image needs`);
    if (!/^[A-Z]{2}$/.test(vr)) throw this.#unreadable("has an element without a value representation");
    return vr;
  }

  #readLongLength(vr: string): number {
    if (vr !== "") this.#offset += 2;
    return this.#readUint32();
  }

  #readUint16(): number {
    this.#assertFits(2);
    const value = this.#view.getUint16(this.#offset, !this.#encoding.isBigEndian);
    this.#offset += 2;
    return value;
  }

  #readUint32(): number {
    this.#assertFits(4);
    const value = this.#view.getUint32(this.#offset, !this.#encoding.isBigEndian);
    this.#offset += 4;
    return value;
  }

  #assertFits(length: number): void {
    const end = this.#levels.findLast((level) => level.end !== undefined)?.end ?? this.#bytes.length;
    if (this.#offset + length > end) throw this.#truncated();
  }

  #countOne(): void {
    this.#count += 1;
    if (this.#count > maxElementCount) throw this.#unreadable(`has more than ${maxElementCount} elements`);
  }

  #truncated(): DomainError {
    return new DomainError(
      "image-truncated",
      `${this.#encoding.fileName} ends inside its data set, or a length in it reaches too far.`,
    );
  }

  #unreadable(what: string): DomainError {
    return new DomainError("image-unreadable", `${this.#encoding.fileName} cannot be read: it ${what}.`);
  }
}
