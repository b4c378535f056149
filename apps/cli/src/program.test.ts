import { expect, test } from "vitest";
import { createProgram } from "./program.ts";

const names = async (asked: string | undefined) =>
  (await createProgram(asked)).commands.map((command) => command.name());

test("each command is the only one loaded when it is asked for, all of them for the help", async () => {
  const all = await names(undefined);
  expect(all).toContain("predict");
  for (const name of all) expect(await names(name)).toEqual([name]);
  expect(await names("nonsense")).toEqual(all);
});
