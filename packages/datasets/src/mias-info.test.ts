import { describe, expect, it } from "vitest";
import { parseMiasInfo } from "./mias-info.ts";

const parse = (...lines: string[]) => parseMiasInfo(lines.join("\n"), "Info.txt");
const messages = (...lines: string[]) => parse(...lines).problems.map(({ message }) => message);

describe("parseMiasInfo", () => {
  it("skips the prose and reads normal, marked, unmarked and noted rows", () => {
    const { rows, problems } = parse(
      "1st column: MIAS database reference number.",
      "=====",
      "mdb001 G CIRC B 535 425 197",
      "mdb003 D NORM ",
      "mdb059 F CIRC B",
      "mdb216 D CALC M *NOTE 3* ",
    );
    expect(problems).toEqual([]);
    expect(rows).toEqual([
      {
        line: 3,
        imageId: "mdb001",
        tissue: "G",
        abnormality: {
          class: "CIRC",
          severity: "B",
          circle: { xPx: 535, yFromBottomPx: 425, radiusPx: 197 },
        },
      },
      { line: 4, imageId: "mdb003", tissue: "D", abnormality: undefined },
      {
        line: 5,
        imageId: "mdb059",
        tissue: "F",
        abnormality: { class: "CIRC", severity: "B", circle: undefined },
      },
      {
        line: 6,
        imageId: "mdb216",
        tissue: "D",
        abnormality: { class: "CALC", severity: "M", circle: undefined },
      },
    ]);
  });

  it("keeps several abnormalities of one image", () => {
    expect(parse("mdb144 F MISC B 233 994 29", "mdb144 F MISC M 313 540 27").rows).toHaveLength(2);
  });

  it.each([
    ["mdb1 G NORM", 'an image is named mdb and three digits, got "mdb1"'],
    ["mdb001 X NORM", 'tissue is F, G or D, got "X" for mdb001'],
    ["mdb001 G CYST B 1 2 3", 'got "CYST" for mdb001'],
    ["mdb001 G CIRC Q 1 2 3", 'severity is B or M, got "Q" for mdb001'],
    ["mdb001 G CIRC B 1 2", 'got "1 2" for mdb001'],
    ["mdb001 G CIRC B 1 2 0", 'got "1 2 0" for mdb001'],
    ["mdb001 G CIRC B 1 -2 3", 'got "1 -2 3" for mdb001'],
    ["mdb001 G NORM B", 'a NORM row ends after its class, got "B" for mdb001'],
    ["mdb001", 'tissue is F, G or D, got "" for mdb001'],
  ])("names line and reason of the wrong row %s", (row, reason) => {
    const [message, ...others] = messages("prose", row);
    expect(message).toContain("Info.txt line 2: ");
    expect(message).toContain(reason);
    expect(others).toEqual([]);
  });

  it("refuses rows of one image that contradict or repeat each other", () => {
    expect(messages("mdb001 G CIRC B 1 2 3", "mdb001 F CIRC B 4 5 6")[0]).toContain("line 1 says G");
    expect(messages("mdb001 G NORM", "mdb001 G CIRC B 4 5 6")[0]).toContain("NORM in one of lines 1 and 2");
    expect(messages("mdb001 G CIRC B 1 2 3", "mdb001 G CIRC B 1 2 3")[0]).toContain("repeats line 1");
  });

  it("reads a file with carriage returns", () => {
    expect(parse("mdb003 D NORM \r", "mdb004 D NORM\r").rows).toHaveLength(2);
  });
});
