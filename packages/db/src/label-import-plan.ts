import { createHash } from "node:crypto";
import { labelProblems, type BreastLabel, type CaseLabels } from "@crossread/contracts/breast-label";
import type { BreastStatement, LabelImportRow, LabelTable } from "@crossread/contracts/label-import";
import { canonicalJson, type JsonValue } from "./canonical-json.ts";
import type { Database, Transaction } from "./database.ts";
import { listFrozenCohortsWith, type FrozenCohort } from "./frozen-cohorts.ts";
import type { ImageViewer } from "./image-access.ts";
import { findNamedCases, type NamedCases } from "./label-import-cases.ts";
import { loadLabelStates, type LabelState } from "./label-state.ts";
import { labelDifferences, lateralities, type LabelChange } from "./label-writes.ts";

export interface RowOutcome {
  readonly rowNumber: number;
  readonly outcome: "new" | "changed" | "same" | "refused";
  readonly caseId: string | null;
  /** Pseudonymous name of the case that the row was found to mean. */
  readonly caseLabel: string | null;
  /** Why it was refused, or what to mind. */
  readonly message: string | null;
}

export interface LabelImportPlan {
  readonly outcomes: readonly RowOutcome[];
  readonly changes: readonly LabelChange[];
  readonly counts: Readonly<Record<RowOutcome["outcome"], number>>;
  readonly frozenCohorts: readonly FrozenCohort[];
  /** Of all that would be written: what was previewed is what is applied, or nothing. */
  readonly digest: string;
}

/** What each row would do, without writing anything. */
export async function planLabelImport(
  db: Database | Transaction,
  viewer: ImageViewer,
  table: LabelTable,
): Promise<LabelImportPlan> {
  const named = await findNamedCases(db, {
    viewer,
    siteId: table.siteId,
    keys: table.rows.map(({ key }) => key),
  });
  const states = await loadLabelStates(db, named.caseIds);
  const contradictions = findContradictions(table.rows, named);
  const next = new Map<string, CaseLabels>();
  const outcomes: RowOutcome[] = table.refusedRows.map(({ rowNumber, problem }) =>
    refused(rowNumber, problem),
  );
  for (const row of table.rows) {
    const found = named.find(row.key);
    if (!found.ok) {
      outcomes.push(refused(row.rowNumber, found.message));
      continue;
    }
    const state = states.get(found.caseId);
    if (state === undefined) continue;
    const rival = contradictions.get(row.rowNumber);
    const result =
      rival === undefined
        ? stateRow(row, state, next.get(found.caseId) ?? state.labels)
        : {
            ok: false as const,
            message: `It contradicts row ${rival} about the same case; neither is taken.`,
          };
    if (result.ok) next.set(found.caseId, result.labels);
    outcomes.push({
      rowNumber: row.rowNumber,
      outcome: result.ok ? result.outcome : "refused",
      caseId: found.caseId,
      caseLabel: found.caseLabel,
      message: result.message,
    });
  }
  const changes = [...next].flatMap(([caseId, labels]) => {
    const state = states.get(caseId);
    if (state === undefined) return [];
    const change = { state, next: labels };
    return Object.keys(labelDifferences(change)).length === 0 ? [] : [change];
  });
  return {
    outcomes: outcomes.toSorted((a, b) => a.rowNumber - b.rowNumber),
    changes,
    counts: countOutcomes(outcomes),
    frozenCohorts: await listFrozenCohortsWith(
      db,
      changes.map(({ state }) => state.caseId),
    ),
    digest: digestOf(changes, outcomes),
  };
}

type RowResult =
  | {
      readonly ok: true;
      readonly labels: CaseLabels;
      readonly outcome: "new" | "changed" | "same";
      readonly message: string | null;
    }
  | { readonly ok: false; readonly message: string };

/** The labels of the case once the row is taken; a row is taken whole or not at all. */
function stateRow(row: LabelImportRow, state: LabelState, before: CaseLabels): RowResult {
  const breasts = { ...before.breasts };
  const warnings: string[] = [];
  let replacesSomething = false;
  for (const laterality of lateralities) {
    const statement = row.breasts[laterality];
    if (statement === undefined) continue;
    const from = state.labels.breasts[laterality];
    const to = mergeStatement(before.breasts[laterality], statement);
    breasts[laterality] = to;
    replacesSomething ||=
      (from.finding !== null &&
        (from.finding !== to.finding ||
          from.source !== to.source ||
          from.followUpMonths !== to.followUpMonths ||
          from.isIntervalCancer !== to.isIntervalCancer)) ||
      (from.birads !== null && from.birads !== to.birads);
    for (const problem of labelProblems(to)) {
      const message = `${laterality}: ${problem.message}`;
      if (problem.severity === "error") return { ok: false, message };
      warnings.push(message);
    }
  }
  const density = row.density ?? before.density;
  const had = state.labels.density;
  replacesSomething ||=
    row.density !== undefined &&
    had !== null &&
    (had.value !== row.density.value || had.source !== row.density.source);
  const labels = { breasts, density };
  const isSame =
    Object.keys(labelDifferences({ state, next: labelsOfRowOnly(row, state.labels, labels) })).length === 0;
  return {
    ok: true,
    labels,
    outcome: isSame ? "same" : replacesSomething ? "changed" : "new",
    message: warnings.length === 0 ? null : warnings.join(" "),
  };
}

/** Another row of the same case may have changed the other breast: that is not this row's doing. */
function labelsOfRowOnly(row: LabelImportRow, stored: CaseLabels, next: CaseLabels): CaseLabels {
  return {
    breasts: {
      R: row.breasts.R === undefined ? stored.breasts.R : next.breasts.R,
      L: row.breasts.L === undefined ? stored.breasts.L : next.breasts.L,
    },
    density: row.density === undefined ? stored.density : next.density,
  };
}

/** What goes with a value that the statement replaces goes with it. */
function mergeStatement(before: BreastLabel, statement: BreastStatement): BreastLabel {
  const given = Object.fromEntries(Object.entries(statement).filter(([, value]) => value !== undefined));
  const leavesFollowUp = statement.source !== undefined && statement.source !== "follow-up";
  const isNegative = statement.finding !== undefined && statement.finding !== "malignant";
  return {
    ...before,
    ...(leavesFollowUp ? { followUpMonths: null } : {}),
    ...(isNegative ? { isIntervalCancer: false } : {}),
    ...given,
  };
}

/** Row number → the row that says something else about the same breast or density. */
function findContradictions(rows: readonly LabelImportRow[], named: NamedCases): Map<number, number> {
  const said = new Map<string, { value: string; rowNumber: number }>();
  const rivals = new Map<number, number>();
  const check = (subject: string, value: JsonValue, rowNumber: number) => {
    const text = canonicalJson(value);
    const earlier = said.get(subject);
    if (earlier === undefined) said.set(subject, { value: text, rowNumber });
    else if (earlier.value !== text) {
      rivals.set(rowNumber, earlier.rowNumber);
      if (!rivals.has(earlier.rowNumber)) rivals.set(earlier.rowNumber, rowNumber);
    }
  };
  for (const row of rows) {
    const found = named.find(row.key);
    if (!found.ok) continue;
    for (const laterality of lateralities) {
      for (const [field, value] of Object.entries(row.breasts[laterality] ?? {})) {
        if (value !== undefined) check(`${found.caseId} ${laterality} ${field}`, value, row.rowNumber);
      }
    }
    if (row.density !== undefined) check(`${found.caseId} density`, { ...row.density }, row.rowNumber);
  }
  return rivals;
}

const refused = (rowNumber: number, message: string): RowOutcome => ({
  rowNumber,
  outcome: "refused",
  caseId: null,
  caseLabel: null,
  message,
});

function countOutcomes(outcomes: readonly RowOutcome[]): LabelImportPlan["counts"] {
  const counts = { new: 0, changed: 0, same: 0, refused: 0 };
  for (const { outcome } of outcomes) counts[outcome]++;
  return counts;
}

function digestOf(changes: readonly LabelChange[], outcomes: readonly RowOutcome[]): string {
  const lines = changes.map(({ state, next }) =>
    canonicalJson([state.caseId, state.version, { ...labelsAsJson(next) }]),
  );
  const rows = outcomes.map(({ rowNumber, outcome }) => `${rowNumber} ${outcome}`);
  return createHash("sha256")
    .update([...lines.toSorted(), ...rows.toSorted()].join("\n"))
    .digest("hex");
}

const labelsAsJson = (labels: CaseLabels): { [key: string]: JsonValue } => ({
  R: { ...labels.breasts.R },
  L: { ...labels.breasts.L },
  density: labels.density === null ? null : { ...labels.density },
});
