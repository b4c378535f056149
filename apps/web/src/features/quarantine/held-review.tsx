"use client";

import type { PixelAnswer } from "@crossread/contracts/pixel-rule";
import type { PixelRegion } from "@crossread/dicom/deidentify/deidentified-file";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { count } from "../../components/format.ts";
import { QueryView } from "../../components/query-view.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { MaskEditor } from "../upload/mask-editor.tsx";
import { fetchHeldPicture } from "./held-picture.ts";

type Held = Outputs["quarantine"]["held"];

/** A coordinator looks at what may be text in a file that came over the network, and says what becomes of it. */
export function HeldReview(props: { refusedFileId: string; onClose: () => void; onLeaveOut: () => void }) {
  const query = useQuery(
    useTRPC().quarantine.held.queryOptions({ refusedFileId: props.refusedFileId }, { staleTime: Infinity }),
  );
  return (
    <Dialog title="Is there text in this image?" isWide onClose={props.onClose}>
      <QueryView query={query}>
        {(held) => <Decision held={held} onClose={props.onClose} onLeaveOut={props.onLeaveOut} />}
      </QueryView>
    </Dialog>
  );
}

function Decision(props: { held: Held; onClose: () => void; onLeaveOut: () => void }) {
  const { held } = props;
  const [regions, setRegions] = useState<readonly PixelRegion[]>(held.regions);
  const [isForAlike, setIsForAlike] = useState(false);
  const [isRemembered, setIsRemembered] = useState(false);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const picture = useQuery({
    queryKey: ["held-picture", held.refusedFileId],
    queryFn: () => fetchHeldPicture(held),
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  });
  const decide = useMutation(
    trpc.quarantine.decide.mutationOptions({
      onSuccess: async () => {
        props.onClose();
        await Promise.all([
          queries.invalidateQueries({ queryKey: trpc.quarantine.pathKey() }),
          queries.invalidateQueries({ queryKey: trpc.pixelRules.pathKey() }),
        ]);
      },
    }),
  );
  const say = (answer: PixelAnswer) =>
    decide.mutate({
      refusedFileId: held.refusedFileId,
      answer,
      reach: isForAlike ? "alike" : "file",
      isRemembered,
    });
  const device = `${held.manufacturer} ${held.model}`.trim();
  const isDeviceKnown = held.manufacturer !== "" && held.model !== "";
  return (
    <div className="flex flex-col gap-4">
      <QueryView query={picture} rows={6}>
        {(shown) => <MaskEditor picture={shown} regions={regions} onChange={setRegions} isLarge />}
      </QueryView>
      <p className="text-sm text-slate-700">
        {device === "" ? "A device without a name" : device}, {held.columns} × {held.rows} pixels. Text that
        names a person must not be taken in; markers such as “R CC” may stay. What is covered is overwritten
        for good.
      </p>
      {isDeviceKnown ? (
        <fieldset className="flex flex-col gap-1 text-sm">
          {held.alikeCount === 0 ? null : (
            <label className="flex items-center gap-2">
              <input
                type="checkbox"
                className="size-4 accent-accent-700"
                checked={isForAlike}
                onChange={(event) => setIsForAlike(event.target.checked)}
              />
              Also for {count(held.alikeCount)} held {held.alikeCount === 1 ? "file" : "files"} of this device
              with text in the same places
            </label>
          )}
          <label className="flex items-center gap-2">
            <input
              type="checkbox"
              className="size-4 accent-accent-700"
              checked={isRemembered}
              onChange={(event) => setIsRemembered(event.target.checked)}
            />
            Remember for images of this device and size that come later, as a pixel rule of the site
          </label>
        </fieldset>
      ) : null}
      {decide.error === null ? null : <ErrorState message={decide.error.message} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={props.onLeaveOut}>Leave the file out…</Button>
        <Button
          disabled={decide.isPending || picture.data === undefined}
          onClick={() => say({ kind: "allow" })}
        >
          It names nobody: take it in as it is
        </Button>
        <Button
          emphasis="primary"
          disabled={decide.isPending || regions.length === 0}
          onClick={() => say({ kind: "mask", regions: regions.map((region) => ({ ...region })) })}
        >
          {regions.length === 1
            ? "Cover the box and take it in"
            : `Cover ${regions.length} boxes and take it in`}
        </Button>
      </div>
    </div>
  );
}
