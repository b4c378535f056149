import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DomainError } from "@crossread/contracts/errors";

export interface MiasFiles {
  readonly infoPath: string;
  readonly imageDirectory: string;
  /** Image id to file name. */
  readonly images: ReadonlyMap<string, string>;
  /** PGM files that are not named like a MIAS image. */
  readonly strangers: readonly string[];
}

/** Info.txt in DIR or DIR/mias; images beside it or in its pgm directory. */
export async function findMiasFiles(directory: string): Promise<MiasFiles> {
  const names = await listDirectory(directory);
  if (names === undefined) {
    throw new DomainError("directory-missing", `There is no directory ${directory}.`);
  }
  for (const base of [directory, join(directory, "mias")]) {
    const infoName = (await listDirectory(base))?.find((name) => name.toLowerCase() === "info.txt");
    if (infoName !== undefined) return await findImages(base, join(base, infoName));
  }
  throw new DomainError(
    "file-missing",
    `mini-MIAS has a label file Info.txt, but neither ${directory} nor ${join(directory, "mias")} has one.`,
  );
}

async function findImages(base: string, infoPath: string): Promise<MiasFiles> {
  for (const imageDirectory of [join(base, "pgm"), base]) {
    const names = ((await listDirectory(imageDirectory)) ?? []).filter((name) => /\.pgm$/i.test(name)).sort();
    if (names.length === 0) continue;
    const isImageName = (name: string) => /^mdb\d{3}\.pgm$/i.test(name);
    return {
      infoPath,
      imageDirectory,
      images: new Map(names.filter(isImageName).map((name) => [name.slice(0, 6).toLowerCase(), name])),
      strangers: names.filter((name) => !isImageName(name)),
    };
  }
  throw new DomainError(
    "file-missing",
    `mini-MIAS has images mdbNNN.pgm, but neither ${base} nor ${join(base, "pgm")} has a PGM file.`,
  );
}

async function listDirectory(path: string): Promise<string[] | undefined> {
  try {
    if (!(await stat(path)).isDirectory()) return undefined;
  } catch {
    return undefined;
  }
  return await readdir(path);
}
