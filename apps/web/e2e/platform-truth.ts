import pg from "pg";

/** Two pictures of the same cases: everything that somebody who reads blind must not know differs, nothing else does. */
export type Truth = "A" | "B";

interface Change {
  readonly table: string;
  readonly key: string;
  /** In SQL that knows `blinded_cases`. */
  readonly where: string;
  /** What each column becomes under either truth. */
  readonly columns: Readonly<Record<string, readonly [a: string, b: string]>>;
}

const instances = "instance_id IN (SELECT id FROM instances WHERE case_id IN (SELECT id FROM blinded_cases))";
const readings = `assignment_id IN (
  SELECT id FROM reading_assignments WHERE case_id IN (SELECT id FROM blinded_cases))`;
/** Of a map as it was. */
const wasMap = (column: string, which: string) =>
  `(SELECT ${column} FROM kept_saliency_maps was WHERE was.id ${which} changed.id)`;

const changes: readonly Change[] = [
  {
    table: "reference_standards",
    key: "id",
    where: "case_id IN (SELECT id FROM blinded_cases)",
    columns: {
      finding: [
        `(CASE laterality WHEN 'L' THEN 'malignant' ELSE 'normal' END)::"Finding"`,
        `(CASE laterality WHEN 'L' THEN 'normal' ELSE 'malignant' END)::"Finding"`,
      ],
      source: ["'pathology'", "'data-set'"],
      reason: ["'CANARY-REASON-A'", "'CANARY-REASON-B'"],
    },
  },
  {
    table: "cases",
    key: "id",
    where: "id IN (SELECT id FROM blinded_cases)",
    columns: { density: ["'D'", "'A'"] },
  },
  {
    table: "study_summaries",
    key: "study_id",
    where: "case_id IN (SELECT id FROM blinded_cases)",
    columns: { density: ["'D'", "'A'"], label_state: ["'malignant'", "'normal'"] },
  },
  {
    table: "predictions",
    key: "id",
    where: instances,
    columns: { score: ["0.7314159", "0.2471828"] },
  },
  {
    table: "saliency_maps",
    key: "id",
    where: instances,
    columns: {
      layer: [wasMap("layer", "="), `'canary-' || ${wasMap("layer", "=")}`],
      // Some other image's map.
      blob_key: [wasMap("blob_key", "="), wasMap("max(blob_key)", "<>")],
    },
  },
  {
    table: "annotations",
    key: "id",
    where: `${instances} AND source = 'reference'`,
    columns: { kind: ["'mass'", "'calcification'"] },
  },
  {
    table: "readings",
    key: "id",
    where: readings,
    columns: {
      answers: [
        `jsonb_set(jsonb_set(answers, '{comment}', '"CANARY-OPINION-A"'), '{breasts,L,suspicion}', '91')`,
        `jsonb_set(jsonb_set(answers, '{comment}', '"CANARY-OPINION-B"'), '{breasts,L,suspicion}', '3')`,
      ],
    },
  },
  {
    table: "map_ratings",
    key: "id",
    where: `reading_id IN (SELECT id FROM readings WHERE ${readings})`,
    columns: {
      answers: [`jsonb_set(answers, '{plausibility}', '5')`, `jsonb_set(answers, '{plausibility}', '1')`],
    },
  },
  {
    table: "discordances",
    key: "id",
    where: "case_id IN (SELECT id FROM blinded_cases)",
    columns: { statement: ["'CANARY-STATEMENT-A'", "'CANARY-STATEMENT-B'"] },
  },
];

const kept = (table: string) => `kept_${table}`;
const tagged = "SELECT study_id FROM cases WHERE id IN (SELECT id FROM blinded_cases)";
const untag = "DELETE FROM study_tags WHERE tag LIKE 'canary-%';";

function establishSql(truth: Truth): string {
  const updates = changes.map(({ columns, key, table }) => {
    const set = Object.entries(columns).map(([column, [a, b]]) => `${column} = ${truth === "A" ? a : b}`);
    return `UPDATE ${table} changed SET ${set.join(", ")} WHERE ${key} IN (SELECT ${key} FROM ${kept(table)});`;
  });
  const tag = `INSERT INTO study_tags (study_id, tag, created_at) SELECT study_id, 'canary-${truth.toLowerCase()}', now() FROM (${tagged}) tagged;`;
  return [...updates, untag, tag].join("\n");
}

const restoreSql = changes
  .map(({ columns, key, table }) => {
    const set = Object.keys(columns).map((column) => `${column} = was.${column}`);
    return `UPDATE ${table} changed SET ${set.join(", ")} FROM ${kept(table)} was WHERE changed.${key} = was.${key};`;
  })
  .join("\n");

/**
 * Makes either truth hold of cases of a platform that runs, past its triggers; what was there is put back on disposal.
 * Each change is one statement of several parts: it holds whole or not at all.
 */
export async function changeableTruth(databaseUrl: string, caseIds: readonly string[]) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(
    [
      "SET session_replication_role = replica;",
      `CREATE TEMP TABLE blinded_cases AS SELECT unnest('{${caseIds.join(",")}}'::uuid[]) AS id;`,
      ...changes.map(({ columns, key, table, where }) => {
        const names = [key, ...Object.keys(columns)].join(", ");
        return `CREATE TEMP TABLE ${kept(table)} AS SELECT ${names} FROM ${table} WHERE ${where};`;
      }),
    ].join("\n"),
  );
  return {
    async establish(truth: Truth): Promise<void> {
      await client.query(establishSql(truth));
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await client.query(`${restoreSql}\n${untag}`);
      await client.end();
    },
  };
}
