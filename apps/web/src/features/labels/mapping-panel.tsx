"use client";

import { referenceSourceSchema } from "@crossread/contracts/breast-label";
import type { LabelField, LabelMapping } from "@crossread/contracts/label-import";
import { Select } from "../../components/form-field.tsx";
import { count } from "../../components/format.ts";
import { Panel, Section } from "../../components/page-header.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { fieldTexts, findingFields, findingWords, guessFindings, type FieldText } from "./column-mapping.ts";
import type { CsvTable } from "./csv-table.ts";

const shownRows = 5;
const shownWords = 40;

interface PanelProps {
  readonly table: CsvTable;
  readonly mapping: LabelMapping;
  readonly onChange: (mapping: LabelMapping) => void;
}

/** What the file holds, which column is what, and what its words mean. */
export function MappingPanel(props: PanelProps) {
  const { table } = props;
  return (
    <>
      <Section
        title="First rows"
        lead={`${count(table.rows.length + table.misshapen.length)} rows, separated by ${separatorNames[table.delimiter]}, ${table.encoding}. Shown to you only.`}
      >
        <Table label="First rows of the file" maxHeight="14rem">
          <thead>
            <tr>
              {table.columns.map((column) => (
                <Head key={column}>{column}</Head>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.slice(0, shownRows).map(({ rowNumber, cells }) => (
              <Row key={rowNumber}>
                {cells.map((cell, index) => (
                  <Cell key={table.columns[index]} className="max-w-56 truncate whitespace-nowrap">
                    {cell}
                  </Cell>
                ))}
              </Row>
            ))}
          </tbody>
        </Table>
      </Section>
      <div className="grid gap-4 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <ColumnFields {...props} />
        <div className="flex flex-col gap-4">
          <Meanings {...props} />
          <Words {...props} />
        </div>
      </div>
    </>
  );
}

const separatorNames = { ",": "comma", ";": "semicolon", "\t": "tab" } as const;

const groups: readonly (readonly [FieldText["group"], string])[] = [
  ["case", "Which case"],
  ["breast", "One row a breast"],
  ["one row a case", "One row a case, a column for each breast"],
];

function ColumnFields(props: PanelProps) {
  const { table, mapping, onChange } = props;
  function choose(field: LabelField, column: string) {
    const columns = { ...mapping.columns };
    delete columns[field];
    if (column !== "") columns[field] = column;
    onChange({ ...mapping, columns, findings: guessFindings(table, columns, mapping.findings) });
  }
  return (
    <Section title="Columns" lead="Guessed from the header, or as the site’s last file was read.">
      <Panel className="flex flex-col gap-4">
        {groups.map(([group, title]) => (
          <fieldset key={group}>
            <legend className="mb-1.5 text-xs font-semibold text-slate-700">{title}</legend>
            <div className="grid gap-x-4 gap-y-1.5 lg:grid-cols-2">
              {fieldTexts
                .filter((text) => text.group === group)
                .map(({ field, help, title: name }) => (
                  <label
                    key={field}
                    className="grid grid-cols-[8.5rem_minmax(0,1fr)] items-center gap-2 text-sm"
                  >
                    <span>
                      {name}
                      {help === "" ? null : <span className="block text-[11px] text-slate-600">{help}</span>}
                    </span>
                    <Select
                      value={mapping.columns[field] ?? ""}
                      onChange={(event) => choose(field, event.target.value)}
                    >
                      <option value="">none</option>
                      {table.columns.map((column) => (
                        <option key={column}>{column}</option>
                      ))}
                    </Select>
                  </label>
                ))}
            </div>
          </fieldset>
        ))}
      </Panel>
    </Section>
  );
}

function Meanings(props: PanelProps) {
  const { mapping, onChange } = props;
  const has = (field: LabelField) => mapping.columns[field] !== undefined;
  const hasFindings = findingFields.some(has);
  return (
    <Section title="What goes without saying">
      <Panel className="flex flex-col gap-3 text-sm">
        <label className="grid grid-cols-[9rem_minmax(0,1fr)] items-center gap-2">
          Identifiers are
          <Select
            value={mapping.areHospitalIds ? "hospital" : "crossread"}
            onChange={(event) => onChange({ ...mapping, areHospitalIds: event.target.value === "hospital" })}
          >
            <option value="crossread">Crossread’s</option>
            <option value="hospital">the hospital’s own</option>
          </Select>
        </label>
        {mapping.areHospitalIds ? (
          <p className="text-xs text-slate-600">
            They are turned into pseudonyms here, with the key of the site, as before an upload: numbers, UIDs
            and dates of the hospital never leave this browser. Fetching the key is written to the audit log.
          </p>
        ) : null}
        {has("studyDate") ? (
          <label className="grid grid-cols-[9rem_minmax(0,1fr)] items-center gap-2">
            Dates are written
            <Select
              value={mapping.dateOrder}
              onChange={(event) =>
                onChange({
                  ...mapping,
                  dateOrder: dateOrders.find((order) => order === event.target.value) ?? "ymd",
                })
              }
            >
              <option value="ymd">year, month, day</option>
              <option value="dmy">day, month, year</option>
              <option value="mdy">month, day, year</option>
            </Select>
          </label>
        ) : null}
        {hasFindings ? (
          <label className="grid grid-cols-[9rem_minmax(0,1fr)] items-center gap-2">
            Source of findings
            <Select
              value={mapping.source ?? ""}
              onChange={(event) =>
                onChange({
                  ...mapping,
                  source: referenceSourceSchema.safeParse(event.target.value).data ?? null,
                })
              }
            >
              <option value="">{has("source") ? "as the column says" : "choose"}</option>
              {referenceSourceSchema.options.map((source) => (
                <option key={source} value={source}>
                  {source.replace("-", " ")}
                  {has("source") ? " where the column is empty" : ""}
                </option>
              ))}
            </Select>
          </label>
        ) : null}
        {has("density") ? (
          <label className="grid grid-cols-[9rem_minmax(0,1fr)] items-center gap-2">
            Density said by
            <Select
              value={mapping.densitySource}
              onChange={(event) =>
                onChange({
                  ...mapping,
                  densitySource: densitySources.find((source) => source === event.target.value) ?? "reader",
                })
              }
            >
              <option value="reader">a reader</option>
              <option value="vendor">vendor software</option>
              <option value="data-set">the data set</option>
            </Select>
          </label>
        ) : null}
        {has("finding") ? (
          <div className="rounded-md bg-slate-50 px-3 py-2">
            <p className="text-xs text-slate-700">
              {has("laterality")
                ? "A row whose laterality is empty names the patient, not a breast."
                : "No column names the breast: these labels are of the patient."}{" "}
              Malignant and benign are then refused. Never are they spread over both breasts.
            </p>
            <label className="mt-1.5 flex items-center gap-2">
              <input
                type="checkbox"
                className="size-4 accent-accent-700"
                checked={mapping.normalMeansBoth}
                onChange={(event) => onChange({ ...mapping, normalMeansBoth: event.target.checked })}
              />
              A patient who is normal is so in both breasts
            </label>
          </div>
        ) : null}
      </Panel>
    </Section>
  );
}

const dateOrders = ["ymd", "dmy", "mdy"] as const;
const densitySources = ["reader", "vendor", "data-set"] as const;
const meanings = ["normal", "benign", "malignant", "unknown"] as const;

function Words(props: PanelProps) {
  const { table, mapping, onChange } = props;
  const words = findingWords(table, mapping.columns);
  if (words.length === 0) return null;
  const openCount = words.filter(({ word }) => !(word in mapping.findings)).length;
  return (
    <Section
      title="Words for findings"
      lead={
        openCount === 0
          ? "Every word has a meaning."
          : `${openCount} ${openCount === 1 ? "word has" : "words have"} no meaning yet; rows with ${openCount === 1 ? "it" : "them"} are refused.`
      }
    >
      <Table label="Words for findings" maxHeight="16rem">
        <thead>
          <tr>
            <Head>In the file</Head>
            <Head isNumeric>Rows</Head>
            <Head>Means</Head>
          </tr>
        </thead>
        <tbody>
          {words.slice(0, shownWords).map(({ word, rowCount }) => (
            <Row key={word}>
              <Cell className="max-w-48 truncate">{word}</Cell>
              <Cell isNumeric>{count(rowCount)}</Cell>
              <Cell>
                <Select
                  aria-label={`Meaning of ${word}`}
                  className="w-32!"
                  aria-invalid={!(word in mapping.findings)}
                  value={mapping.findings[word] ?? ""}
                  onChange={(event) => {
                    const findings = { ...mapping.findings };
                    const meaning = meanings.find((each) => each === event.target.value);
                    delete findings[word];
                    if (meaning !== undefined) findings[word] = meaning;
                    onChange({ ...mapping, findings });
                  }}
                >
                  <option value="">choose</option>
                  {meanings.map((meaning) => (
                    <option key={meaning}>{meaning}</option>
                  ))}
                </Select>
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
      {words.length <= shownWords ? null : (
        <p className="mt-1 text-xs text-slate-600">
          {count(words.length - shownWords)} rarer words are not shown. A column with this many is hardly one
          of findings.
        </p>
      )}
    </Section>
  );
}
