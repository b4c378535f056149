/** The value of one kept attribute: exactly as it must look, or nothing. */
import { allowListOf } from "./allow-list.ts";
import type { AllowedAttribute } from "./attribute-rule.ts";
import { asciiElement, asciiValues, type DataElement, valueBytes } from "./data-element.ts";
import { cleanDeviceText } from "./device-text.ts";
import { capAge, keepDateTime, keepTime, moveDateTime, moveTime, shiftDate } from "./shift-date.ts";
import type { TimeRule } from "./time-of-day.ts";

export interface ValueContext {
  readonly pseudonym: string;
  /** 0 where dates stay as they are. */
  readonly shiftDays: number;
  readonly times: TimeRule;
  /** Days by which this date moves on because its time was moved over midnight. */
  readonly dayCarry: (tag: string) => number;
  readonly newUid: (oldUid: string) => string;
}

const decimalPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const binaryVrs = new Set(["US", "SS", "UL", "SL", "OW", "OB", "FL", "FD", "AT"]);

/** The cleaned element; undefined where nothing of the value may stay. */
export function cleanValue(
  element: DataElement,
  { rule, tag, vr }: AllowedAttribute,
  context: ValueContext,
): DataElement | undefined {
  const text = (change: (value: string) => string | undefined) => cleanText(element, { tag, vr }, change);
  switch (rule.kind) {
    case "terms":
      return text((value) => (rule.pattern.test(value) ? value : value === "" ? undefined : rule.fallback));
    case "number":
      return text((value) => (isNumberWithin(value, rule) ? value : undefined));
    case "uid":
      return text((value) => (value === "" ? undefined : context.newUid(value)));
    case "class-uid":
      return text((value) => (allowListOf(value) === undefined ? undefined : value));
    case "date":
      return text((value) => shiftDate(value, context.shiftDays - context.dayCarry(tag)));
    case "time":
      return text((value) => cleanTime(value, context.times));
    case "date-time":
      return text((value) => cleanDateTime(value, context));
    case "age":
      return text(capAge);
    case "device":
      return text((value) => cleanDeviceText(value).slice(0, 64));
    case "retained-text":
      return text((value) => (/^[\x20-\x7e]{1,64}$/.test(value) ? value : undefined));
    case "pseudonym":
      return asciiElement(tag, vr, context.pseudonym);
    case "dummy":
      return asciiElement(tag, vr, rule.value);
    case "binary":
      return cleanBinary(element, vr, rule);
    case "lut":
      return cleanBinary(element, vr, { wordBytes: 1, maxCount: 131_072 });
    case "items":
    case "codes":
    case "pixels":
      throw new TypeError(`${rule.kind} is no value of its own`);
  }
}

function cleanTime(value: string, times: TimeRule): string | undefined {
  if (times.kind === "keep") return keepTime(value);
  return times.kind === "move" ? moveTime(value, times.seconds) : undefined;
}

/** Without a time of day only the date remains. */
function cleanDateTime(value: string, { shiftDays, times }: ValueContext): string | undefined {
  if (times.kind === "keep") return keepDateTime(value);
  if (times.kind === "move") return moveDateTime(value, shiftDays, times.seconds);
  return shiftDate(value.slice(0, 8), shiftDays);
}

/** Every value on its own; those that may not stay become empty, so that the others keep their places. */
function cleanText(
  element: DataElement,
  { tag, vr }: { tag: string; vr: string },
  change: (value: string) => string | undefined,
): DataElement | undefined {
  const values = asciiValues(element).map((value) => change(value) ?? "");
  if (values.every((value) => value === "")) return undefined;
  return asciiElement(tag, vr, values.join("\\"));
}

function isNumberWithin(value: string, { min, max }: { min: number; max: number }): boolean {
  if (value.length > 24 || !decimalPattern.test(value)) return false;
  const number = Number(value);
  return number >= min && number <= max;
}

function cleanBinary(
  element: DataElement,
  vr: string,
  { wordBytes, maxCount }: { wordBytes: number; maxCount: number },
): DataElement | undefined {
  const bytes = valueBytes(element);
  const isWhole = bytes.length > 0 && bytes.length % wordBytes === 0;
  if (!isWhole || bytes.length / wordBytes > maxCount) return undefined;
  return { tag: element.tag, vr: binaryVrs.has(element.vr) ? element.vr : vr, value: element.value };
}
