import { createRandom } from "@crossread/metrics/random";
import { expect, test } from "vitest";
import { unionOfBytes } from "./byte-union.ts";

test("has the bits of every byte at its parity, wherever the bytes begin and end", () => {
  const random = createRandom(1);
  const buffer = new Uint8Array(64);
  for (let from = 0; from < 9; from++) {
    for (let to = from; to <= 40; to++) {
      buffer.fill(0);
      for (let index = 0; index < buffer.length; index++) {
        if (random.next() < 0.1) buffer[index] = 1 << random.nextInt(8);
      }
      const bytes = buffer.subarray(from, to);
      const expected = [0, 1].map((parity) =>
        bytes.reduce((union, byte, index) => (index % 2 === parity ? union | byte : union), 0),
      );
      expect(unionOfBytes(bytes)).toEqual(expected);
    }
  }
});
