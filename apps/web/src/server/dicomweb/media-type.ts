/** RFC 9110 8.3.1: names in lower case, quotes taken off. */
export interface MediaType {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const parameterPattern = /;\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))\s*/gy;

export function parseMediaType(text: string): MediaType | undefined {
  const head = /^\s*([\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+)\s*/.exec(text);
  if (head === null) return undefined;
  const parameters = new Map<string, string>();
  parameterPattern.lastIndex = head[0].length;
  for (let match = parameterPattern.exec(text); match !== null; match = parameterPattern.exec(text)) {
    const [, name = "", quoted, plain = ""] = match;
    parameters.set(name.toLowerCase(), quoted === undefined ? plain : quoted.replace(/\\(.)/g, "$1"));
  }
  return { type: (head[1] ?? "").toLowerCase(), parameters };
}

/** The ranges of an Accept header in order of preference; those with q=0 are left out. */
export function parseAccept(header: string): MediaType[] {
  const ranges = splitAtCommas(header).flatMap((text, position) => {
    const range = parseMediaType(text);
    if (range === undefined) return [];
    const q = Number(range.parameters.get("q") ?? "1");
    return [{ range, q: Number.isFinite(q) ? q : 0, position }];
  });
  return ranges
    .filter(({ q }) => q > 0)
    .toSorted((a, b) => b.q - a.q || a.position - b.position)
    .map(({ range }) => range);
}

function splitAtCommas(text: string): string[] {
  return text.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? [];
}
