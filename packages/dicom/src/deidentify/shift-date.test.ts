import { describe, expect, test } from "vitest";
import { ageAt, capAge, shiftDate } from "./shift-date.ts";

describe("a date", () => {
  test("is moved back by days of the calendar", () => {
    expect(shiftDate("20240301", 1)).toBe("20240229");
    expect(shiftDate("20230301", 1)).toBe("20230228");
    expect(shiftDate("20240101", 366)).toBe("20221231");
    expect(shiftDate("2024.03.07", 0)).toBe("20240307");
  });

  test("goes where it is none", () => {
    for (const none of ["20230229", "20241301", "20240007", "18991231", "2024", "20240307x", "2024-03-07"]) {
      expect(shiftDate(none, 1), none).toBeUndefined();
    }
  });
});

describe("an age", () => {
  test("above 90 years is said to be 90, in whatever unit it is stated", () => {
    const years = ["058Y", "090Y", "091Y", "105Y", "999M", "999W", "999D"];
    expect(years.map(capAge)).toEqual(["058Y", "090Y", "090Y", "090Y", "999M", "999W", "999D"]);
    for (const none of ["58Y", "058", "058y", "0580Y", ""]) expect(capAge(none), none).toBeUndefined();
  });

  test("is the whole years between birth and study, and 90 at most", () => {
    expect(ageAt("19580412", "20240411")).toBe("065Y");
    expect(ageAt("19580412", "20240412")).toBe("066Y");
    expect(ageAt("19330308", "20240307")).toBe("090Y");
    expect(ageAt("19210101", "20240307")).toBe("090Y");
    expect(ageAt("20240307", "20240307")).toBe("000Y");
    expect(ageAt("20240308", "20240307")).toBeUndefined();
    expect(ageAt("", "20240307")).toBeUndefined();
    expect(ageAt("19580412", "unknown")).toBeUndefined();
  });
});
