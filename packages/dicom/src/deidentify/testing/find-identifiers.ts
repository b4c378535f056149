import { inflateRawWithin } from "../../inflate-raw.ts";
import { parseDicomFile } from "../parse-data-set.ts";

/** The identifiers that occur in a file: in any case, as one byte or two bytes a character, also inside what is deflated. */
export function findIdentifiers(file: Uint8Array, identifiers: readonly string[]): string[] {
  const views = [file, ...inflatedDataSet(file)].map((bytes) =>
    new TextDecoder("latin1").decode(bytes).toLowerCase(),
  );
  return identifiers.filter((identifier) => {
    const text = new TextDecoder("latin1").decode(new TextEncoder().encode(identifier)).toLowerCase();
    const wide = text.split("").join("\0");
    return views.some((view) => view.includes(text) || view.includes(wide));
  });
}

function inflatedDataSet(file: Uint8Array): Uint8Array[] {
  if (parseDicomFile(file, "file").transferSyntaxUid !== "1.2.840.10008.1.2.1.99") return [];
  const metaEnd = 144 + new DataView(file.buffer, file.byteOffset).getUint32(140, true);
  return [inflateRawWithin(file.subarray(metaEnd), 64 * 1024 * 1024)];
}
