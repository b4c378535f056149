"use client";

import { NumberField } from "../../components/number-field.tsx";
import {
  readerAllocationSchema,
  readerStudyDesignSchema,
  type ReaderStudySettings,
} from "@crossread/contracts/reader-study-settings";
import { allocationTexts, designTexts } from "./study-texts.ts";

/** Design, allocation and reading sessions of a study. */
export function StudySettingsFields(props: {
  settings: ReaderStudySettings;
  onChange: (settings: ReaderStudySettings) => void;
}) {
  const { settings } = props;
  const change = (part: Partial<ReaderStudySettings>) => props.onChange({ ...settings, ...part });
  return (
    <>
      <Choice
        legend="Design"
        name="design"
        value={settings.design}
        options={readerStudyDesignSchema.options.map((value) => ({ value, ...designTexts[value] }))}
        onChange={(design) => change({ design })}
      />
      {settings.design === "crossover" ? (
        <div className="col-span-2">
          <NumberField
            label="Washout (days)"
            help="Between the two readings of a case by one reader. Four weeks are usual."
            value={settings.washoutDays}
            bounds={{ min: 1, max: 365, step: 1 }}
            onChange={(washoutDays) => change({ washoutDays })}
          />
        </div>
      ) : null}
      <Choice
        legend="Who reads what"
        name="allocation"
        value={settings.allocation}
        options={readerAllocationSchema.options.map((value) => ({ value, ...allocationTexts[value] }))}
        onChange={(allocation) => change({ allocation, groupCount: allocation === "split-plot" ? 2 : null })}
      />
      {settings.groupCount === null ? null : (
        <NumberField
          label="Groups"
          help="Each with at least two readers, or readers cannot be told from cases."
          value={settings.groupCount}
          bounds={{ min: 2, max: 50, step: 1 }}
          onChange={(groupCount) => change({ groupCount })}
        />
      )}
      <fieldset className="col-span-2">
        <legend className="mb-1 text-sm font-medium text-slate-800">Reading sessions, in minutes</legend>
        <div className="grid grid-cols-3 gap-3">
          <NumberField
            label="Cap"
            help="Then no new case opens."
            value={settings.sessionMinutes}
            bounds={{ min: 5, max: 480, step: 1 }}
            onChange={(sessionMinutes) =>
              change({
                sessionMinutes,
                breakAfterMinutes: Math.min(settings.breakAfterMinutes, sessionMinutes),
              })
            }
          />
          <NumberField
            label="Reminder"
            help="Then of a break."
            value={settings.breakAfterMinutes}
            bounds={{ min: 1, max: settings.sessionMinutes, step: 1 }}
            onChange={(breakAfterMinutes) => change({ breakAfterMinutes })}
          />
          <NumberField
            label="Break"
            help="A pause as long ends a session."
            value={settings.breakMinutes}
            bounds={{ min: 1, max: 240, step: 1 }}
            onChange={(breakMinutes) => change({ breakMinutes })}
          />
        </div>
      </fieldset>
    </>
  );
}

function Choice<TValue extends string>(props: {
  legend: string;
  name: string;
  value: TValue;
  options: readonly { value: TValue; title: string; text: string }[];
  onChange: (value: TValue) => void;
}) {
  return (
    <fieldset className="col-span-2">
      <legend className="mb-1 text-sm font-medium text-slate-800">{props.legend}</legend>
      <div className="flex flex-col gap-1.5">
        {props.options.map((option) => (
          <label key={option.value} className="flex items-start gap-2 text-sm">
            <input
              type="radio"
              name={props.name}
              className="mt-0.5 size-4 shrink-0 accent-accent-700"
              checked={props.value === option.value}
              onChange={() => props.onChange(option.value)}
            />
            <span>
              <span className="font-medium">{option.title}.</span>{" "}
              <span className="text-slate-600">{option.text}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
