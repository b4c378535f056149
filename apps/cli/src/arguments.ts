import { InvalidArgumentError } from "commander";

interface Range {
  readonly minimum: number;
  readonly maximum: number;
}

export const parseInteger =
  (range: Range) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isInteger(value) || value < range.minimum || value > range.maximum) {
      throw new InvalidArgumentError(`It takes a whole number from ${range.minimum} to ${range.maximum}.`);
    }
    return value;
  };

export const parseNumber =
  (range: Range) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value) || value < range.minimum || value > range.maximum) {
      throw new InvalidArgumentError(`It takes a number from ${range.minimum} to ${range.maximum}.`);
    }
    return value;
  };

export const seedRange: Range = { minimum: 0, maximum: 2_147_483_647 };
