"use client";

import { findingSchema, lateralitySchema } from "@crossread/contracts/dataset-manifest";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { FormField, Input, Select } from "../../components/form-field.tsx";
import { useTRPC } from "../../trpc/client.ts";

const sources = ["pathology", "follow-up", "reader-consensus", "data-set"] as const;

/** Puts another reference standard in force; the former one stays in the table above and in the audit log. */
export function ReferenceForm(props: { studyId: string; caseId: string }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [laterality, setLaterality] = useState<"L" | "R">("R");
  const [finding, setFinding] = useState<(typeof findingSchema.options)[number]>("normal");
  const [source, setSource] = useState<(typeof sources)[number]>("pathology");
  const [reason, setReason] = useState("");
  const change = useMutation(
    trpc.studies.changeReference.mutationOptions({
      async onSuccess() {
        setReason("");
        await queries.invalidateQueries({ queryKey: trpc.studies.load.queryKey({ studyId: props.studyId }) });
      },
    }),
  );
  return (
    <form
      className="grid grid-cols-3 gap-x-3 gap-y-1"
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ caseId: props.caseId, laterality, finding, source, reason });
      }}
    >
      <FormField label="Breast">
        {(control) => (
          <Select
            {...control}
            value={laterality}
            onChange={(event) => setLaterality(lateralitySchema.parse(event.target.value))}
          >
            <option value="R">Right</option>
            <option value="L">Left</option>
          </Select>
        )}
      </FormField>
      <FormField label="Finding">
        {(control) => (
          <Select
            {...control}
            value={finding}
            onChange={(event) => setFinding(findingSchema.parse(event.target.value))}
          >
            {findingSchema.options.map((option) => (
              <option key={option}>{option}</option>
            ))}
          </Select>
        )}
      </FormField>
      <FormField label="Source">
        {(control) => (
          <Select
            {...control}
            value={source}
            onChange={(event) =>
              setSource(sources.find((each) => each === event.target.value) ?? "pathology")
            }
          >
            {sources.map((option) => (
              <option key={option}>{option}</option>
            ))}
          </Select>
        )}
      </FormField>
      <div className="col-span-3">
        <FormField
          label="Reason for the change"
          help="Goes into the audit log with your name."
          error={change.error?.message}
        >
          {(control) => (
            <Input
              {...control}
              required
              minLength={3}
              maxLength={1_000}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </FormField>
      </div>
      <div className="col-span-3 mt-1">
        <Button type="submit" disabled={change.isPending || reason.trim().length < 3}>
          Change the reference standard
        </Button>
      </div>
    </form>
  );
}
