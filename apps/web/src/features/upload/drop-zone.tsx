"use client";

import { FolderUp } from "lucide-react";
import { useRef, useState, type DragEvent } from "react";
import { uploadLimits } from "@crossread/contracts/upload";
import { Button } from "../../components/button.tsx";
import { filesOfDrop, filesOfHandles, filesOfPicker, type Chosen } from "./dropped-files.ts";

type DirectoryPicker = {
  showDirectoryPicker?: (options: { mode: "read" }) => Promise<FileSystemDirectoryHandle>;
};

export function DropZone(props: {
  isCompact: boolean;
  isDisabled: boolean;
  onChosen: (chosen: Chosen) => void;
}) {
  const { isCompact, isDisabled, onChosen } = props;
  const [isOver, setIsOver] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);

  async function drop(event: DragEvent) {
    event.preventDefault();
    setIsOver(false);
    if (isDisabled) return;
    onChosen(await filesOfDrop(event.dataTransfer));
  }

  async function chooseFolder() {
    const { showDirectoryPicker } = globalThis as DirectoryPicker;
    if (showDirectoryPicker === undefined) return folder.current?.click();
    // Closing the dialogue rejects, and means nothing.
    const handle = await showDirectoryPicker.call(globalThis, { mode: "read" }).catch(() => undefined);
    const chosen = handle === undefined ? undefined : await filesOfHandles([handle]);
    if (chosen !== undefined) onChosen(chosen);
  }

  return (
    <div
      data-testid="drop-zone"
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => void drop(event)}
      className={`mb-4 flex items-center justify-center gap-x-6 gap-y-3 rounded-lg border-2 border-dashed px-6 text-center transition-colors ${isCompact ? "flex-row flex-wrap py-3" : "flex-col py-12"} ${isOver && !isDisabled ? "border-accent-500 bg-accent-50" : "border-slate-300 bg-white"}`}
    >
      {isCompact ? null : <FolderUp size={28} className="text-slate-400" aria-hidden />}
      <div className={isCompact ? "text-left" : ""}>
        <p className={isCompact ? "text-sm font-medium" : "text-base font-medium"}>
          {isOver && !isDisabled
            ? "Let go to add"
            : isCompact
              ? "Drop more to add"
              : "Drop a folder, files or a zip archive here"}
        </p>
        {isCompact ? null : (
          <p className="mt-1 text-sm text-slate-600">
            Every file is de-identified in this browser before anything is sent. Names of files stay here. At
            most {uploadLimits.fileBytes / 2 ** 20} MiB a file.
          </p>
        )}
      </div>
      <div className="flex gap-2">
        <Button onClick={() => void chooseFolder()} disabled={isDisabled}>
          Choose a folder
        </Button>
        <Button onClick={() => files.current?.click()} disabled={isDisabled}>
          Choose files
        </Button>
      </div>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        aria-label="Files to upload"
        onChange={(event) => {
          const chosen = filesOfPicker(event.target.files);
          event.target.value = "";
          if (chosen.files.length > 0) onChosen(chosen);
        }}
      />
      <input
        ref={(element) => {
          folder.current = element;
          element?.setAttribute("webkitdirectory", "");
        }}
        type="file"
        multiple
        hidden
        aria-label="Folder to upload"
        onChange={(event) => {
          const chosen = filesOfPicker(event.target.files);
          event.target.value = "";
          if (chosen.files.length > 0) onChosen(chosen);
        }}
      />
    </div>
  );
}
