"use client";

import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { GrayPicture } from "./gray-picture.tsx";
import type { UploadItem } from "./upload-state.ts";

/** A person looks at what may be text in an image; the file waits until then. */
export function TextReview(props: {
  item: UploadItem;
  onDecide: (decision: "send" | "leave-out") => void;
  onClose: () => void;
}) {
  const { item, onClose, onDecide } = props;
  const { text } = item;
  if (text === undefined) return null;
  return (
    <Dialog title="Is there text in this image?" onClose={onClose}>
      <div className="flex flex-col gap-4">
        {text.picture === undefined ? (
          <p className="text-sm text-slate-700">The image cannot be shown here.</p>
        ) : (
          <div className="flex justify-center">
            <GrayPicture
              picture={text.picture}
              regions={text.pixels.regions}
              label="The image, with boxes around what may be text"
            />
          </div>
        )}
        <p className="text-sm text-slate-700">
          Text that names a person must not be sent. Markers such as “R CC” may stay.
        </p>
        <div className="flex justify-end gap-2">
          <Button onClick={() => onDecide("leave-out")}>Leave the file out</Button>
          <Button emphasis="primary" onClick={() => onDecide("send")}>
            It names nobody: send it
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
