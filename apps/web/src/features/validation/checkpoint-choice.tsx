"use client";

import { useQuery } from "@tanstack/react-query";
import { QueryView } from "../../components/query-view.tsx";
import { useTRPC } from "../../trpc/client.ts";

export function CheckpointChoice(props: {
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
}) {
  const query = useQuery(useTRPC().models.list.queryOptions({ offset: 0 }));
  const { chosen } = props;
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">Checkpoints, newest first</legend>
      <QueryView query={query}>
        {({ rows }) =>
          rows.length === 0 ? (
            <p className="text-sm text-slate-600">No checkpoint exists yet.</p>
          ) : (
            <div className="max-h-80 overflow-auto rounded-md border border-slate-200">
              {rows.map((row) => (
                <label
                  key={row.checkpointId}
                  className="flex items-center gap-2 border-b border-slate-100 px-3 py-1.5 text-sm last:border-b-0"
                >
                  <input
                    type="checkbox"
                    className="size-4 accent-accent-700"
                    checked={chosen.includes(row.checkpointId)}
                    onChange={(event) =>
                      props.onChange(
                        event.target.checked
                          ? [...chosen, row.checkpointId]
                          : chosen.filter((id) => id !== row.checkpointId),
                      )
                    }
                  />
                  <span className="flex-1">{row.name}</span>
                  <span className="text-xs text-slate-600">round {row.roundNumber}</span>
                </label>
              ))}
            </div>
          )
        }
      </QueryView>
    </fieldset>
  );
}
