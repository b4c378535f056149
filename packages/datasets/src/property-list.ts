/** Apple's XML property lists as far as data sets use them: dictionaries, arrays, strings and numbers. */
import { DomainError } from "@crossread/contracts/errors";

export type PropertyValue =
  string | number | boolean | readonly PropertyValue[] | { readonly [key: string]: PropertyValue };

const maxDepth = 32;
const tokenPattern = /<(\/?)([A-Za-z]+)[^>]*?(\/?)>|([^<]+)/g;
const entities: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
  "&amp;": "&",
};

interface Token {
  readonly kind: "open" | "close" | "text";
  readonly value: string;
}

export function parsePropertyList(xml: string, fileName: string): PropertyValue {
  const refuse = (what: string) =>
    new DomainError("label-invalid", `${fileName} is no property list: ${what}.`);
  const tokens = tokenize(xml.slice(Math.max(0, xml.indexOf("<plist"))));
  let at = 0;
  const skipText = () => {
    while (tokens[at]?.kind === "text" && tokens[at]!.value.trim() === "") at++;
  };
  const expectClose = (name: string) => {
    skipText();
    const token = tokens[at++];
    if (token?.kind !== "close" || token.value !== name) throw refuse(`<${name}> is not closed`);
  };
  const readText = (name: string): string => {
    let text = "";
    while (tokens[at]?.kind === "text") text += tokens[at++]!.value;
    expectClose(name);
    return text.replace(/&(lt|gt|quot|apos|amp);/g, (entity) => entities[entity] ?? entity);
  };
  const readValue = (depth: number): PropertyValue => {
    if (depth > maxDepth) throw refuse(`it is nested more than ${maxDepth} deep`);
    skipText();
    const token = tokens[at++];
    if (token?.kind !== "open") throw refuse("a value is missing");
    switch (token.value) {
      case "dict":
        return readDictionary(depth);
      case "array":
        return readArray(depth);
      case "string":
        return readText("string");
      case "integer":
      case "real": {
        const number = Number(readText(token.value));
        if (!Number.isFinite(number)) throw refuse(`a <${token.value}> is no number`);
        return number;
      }
      case "true":
      case "false":
        expectClose(token.value);
        return token.value === "true";
      default:
        throw refuse(`it has <${token.value}>`);
    }
  };
  const isClosed = (name: string): boolean => {
    skipText();
    const token = tokens[at];
    if (token === undefined) throw refuse(`<${name}> is not closed`);
    if (token.kind !== "close" || token.value !== name) return false;
    at++;
    return true;
  };
  const readDictionary = (depth: number): PropertyValue => {
    const entries: [string, PropertyValue][] = [];
    while (!isClosed("dict")) {
      const token = tokens[at++];
      if (token?.kind !== "open" || token.value !== "key")
        throw refuse("a dictionary has a value without a key");
      const key = readText("key");
      entries.push([key, readValue(depth + 1)]);
    }
    return Object.fromEntries(entries);
  };
  const readArray = (depth: number): PropertyValue => {
    const values: PropertyValue[] = [];
    while (!isClosed("array")) values.push(readValue(depth + 1));
    return values;
  };

  const root = tokens[at++];
  if (root?.kind !== "open" || root.value !== "plist") throw refuse("it has no <plist>");
  const value = readValue(0);
  expectClose("plist");
  return value;
}

function tokenize(xml: string): Token[] {
  const tokens: Token[] = [];
  for (const [, slash, name, isEmpty, text] of xml.matchAll(tokenPattern)) {
    if (text !== undefined) tokens.push({ kind: "text", value: text });
    else if (name !== undefined) {
      tokens.push({ kind: slash === "/" ? "close" : "open", value: name });
      if (isEmpty === "/") tokens.push({ kind: "close", value: name });
    }
  }
  return tokens;
}
