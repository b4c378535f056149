import type { Database, Transaction } from "./database.ts";

/** For every subject that is linked to others a name of its group: subjects of one group are one woman. */
export async function loadSubjectGroups(db: Database | Transaction): Promise<ReadonlyMap<string, string>> {
  const links = await db.subjectLink.findMany({
    where: { undoneAt: null },
    select: { firstSubjectId: true, secondSubjectId: true },
  });
  return groupLinked(links.map((link) => [link.firstSubjectId, link.secondSubjectId]));
}

/** Connected subjects under the least of their ids. */
export function groupLinked(links: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
  const parents = new Map<string, string>();
  const rootOf = (id: string): string => {
    let root = id;
    for (
      let parent = parents.get(root);
      parent !== undefined && parent !== root;
      parent = parents.get(root)
    ) {
      root = parent;
    }
    return root;
  };
  for (const [first, second] of links) {
    const [a, b] = [rootOf(first), rootOf(second)];
    const least = a < b ? a : b;
    for (const id of [a, b, first, second]) parents.set(id, least);
  }
  return new Map([...parents.keys()].map((id) => [id, rootOf(id)]));
}

export const isOneWoman = (groups: ReadonlyMap<string, string>, a: string, b: string): boolean =>
  a === b || (groups.has(a) && groups.get(a) === groups.get(b));
