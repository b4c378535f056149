/**
 * Arrays that are handed out again once given back. A new array of an image's size costs page faults, and every few of
 * them a collection of the whole heap; together that is a third of the time of many small films.
 */
export class ReusableArrays {
  private readonly free: ArrayBuffer[] = [];

  /** Holds what was there before: the taker writes every value. */
  take(length: number): Float32Array<ArrayBuffer> {
    const fitting = this.free.findIndex(({ byteLength }) => byteLength >= 4 * length);
    if (fitting >= 0) return new Float32Array(this.free.splice(fitting, 1)[0]!, 0, length);
    this.free.pop(); // too small for the images that come now
    return new Float32Array(length);
  }

  give(array: Float32Array): void {
    if (array.buffer instanceof ArrayBuffer) this.free.push(array.buffer);
  }
}
