import { expect } from "vitest";

export interface Span {
  readonly leastMs: number;
  readonly mostMs: number;
}

/**
 * The time during which a step was in front, as somebody with a watch beside the reader would note it. While something is
 * on its way nobody can tell whether the step has begun or ended: that long it may have been, and need not.
 */
export class Watch {
  #state: "sure" | "unsure" | "off" = "off";
  #since = performance.now();
  #leastMs = 0;
  #mostMs = 0;
  turn(state: "sure" | "unsure" | "off"): number {
    const passedMs = performance.now() - this.#since;
    if (this.#state === "sure") this.#leastMs += passedMs;
    if (this.#state !== "off") this.#mostMs += passedMs;
    this.#since += passedMs;
    this.#state = state;
    return passedMs;
  }
  /** The next step is in front: what was on its way before may belong to either. */
  next(): Span {
    const onItsWayMs = this.turn("sure");
    const span = { leastMs: this.#leastMs, mostMs: this.#mostMs };
    this.#leastMs = 0;
    this.#mostMs = onItsWayMs;
    return span;
  }
}

/** What a clock of the page may differ by. */
const clockSlackMs = 2_500;

export function expectWithin(durationMs: number, { leastMs, mostMs }: Span, what: string): void {
  expect(durationMs, what).toBeGreaterThan(leastMs - clockSlackMs);
  expect(durationMs, what).toBeLessThan(mostMs + clockSlackMs);
}
