import { describe, expect, test } from "vitest";
import { decodeServerState, encodeServerState } from "./server-state.ts";

describe("the state of the server's optimizer", () => {
  test("comes back bit for bit", () => {
    const state = {
      secondMoment: Float64Array.of(1e-300, 3),
      firstMoment: Float64Array.of(Math.PI, -0, 5e-324),
    };
    expect(decodeServerState(encodeServerState(state))).toEqual(state);
  });

  test("is refused where bytes are missing", () => {
    const bytes = encodeServerState({ firstMoment: Float64Array.of(1, 2) });
    expect(() => decodeServerState(bytes.subarray(0, bytes.length - 1))).toThrow(/cannot be read/);
    expect(() => decodeServerState(bytes.subarray(0, 3))).toThrow(/cannot be read/);
  });
});
