"use client";

import type { PixelRegion } from "@crossread/dicom/deidentify/deidentified-file";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import type { TextDecision } from "./file-worker-protocol.ts";
import { MaskEditor } from "./mask-editor.tsx";
import type { UploadItem } from "./upload-state.ts";

/** A person looks at what may be text in an image and covers it, or not; the file waits until then. */
export function TextReview(props: {
  item: UploadItem;
  onDecide: (decision: TextDecision | undefined) => void;
  onClose: () => void;
}) {
  const { item, onClose, onDecide } = props;
  const { text } = item;
  const [regions, setRegions] = useState<readonly PixelRegion[]>(text?.pixels.regions ?? []);
  if (text === undefined) return null;
  return (
    <Dialog title="Is there text in this image?" onClose={onClose}>
      <div className="flex flex-col gap-4">
        {text.picture === undefined ? (
          <p className="text-sm text-slate-700">The image cannot be shown here.</p>
        ) : (
          <MaskEditor picture={text.picture} regions={regions} onChange={setRegions} />
        )}
        <p className="text-sm text-slate-700">
          Text that names a person must not be sent. Markers such as “R CC” may stay. What is covered is
          overwritten before the file leaves this browser; the file on your disk stays as it is.
        </p>
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={() => onDecide(undefined)}>Leave the file out</Button>
          <Button onClick={() => onDecide({ kind: "allow" })}>It names nobody: send it as it is</Button>
          <Button
            emphasis="primary"
            disabled={regions.length === 0}
            onClick={() => onDecide({ kind: "mask", regions })}
          >
            {regions.length === 1 ? "Cover the box and send" : `Cover ${regions.length} boxes and send`}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
