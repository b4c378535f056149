"use client";

import type { ReaderMark } from "@crossread/contracts/reader-mark";
import { useState } from "react";
import { readingOrder, type HungImage } from "../viewer/hanging.ts";
import { recordMarks, redo, startHistory, undo, type MarkHistory } from "../viewer/mark-history.ts";
import type { MarkEditing } from "../viewer/mark-layer.tsx";
import type { ViewerState } from "../viewer/viewer-state.ts";

export type CaseMarks = ReturnType<typeof useCaseMarks>;

/** The marks of a draft: drawing and moving them, undo, the one that is chosen, and their keys. */
export function useCaseMarks(props: {
  marks: readonly ReaderMark[];
  images: readonly HungImage[];
  viewer: ViewerState;
  onChange: (marks: ReaderMark[]) => void;
}) {
  const { images, marks, viewer } = props;
  const [history, setHistory] = useState<MarkHistory<ReaderMark>>(() => startHistory(marks));
  const { selectedMarkId } = viewer.settings;

  function show(next: MarkHistory<ReaderMark>) {
    setHistory(next);
    props.onChange([...next.present]);
  }
  const change = (next: readonly ReaderMark[], gesture: string | null = null) =>
    show(recordMarks(history, next, gesture));

  function select(markId: string) {
    const mark = marks.find((each) => each.markId === markId);
    viewer.change({ selectedMarkId: markId, markTool: null });
    if (mark !== undefined) viewer.reveal(mark.instanceId, images);
  }

  function selectNext(by: number) {
    const order = readingOrder(images).map((image) => image.instanceId);
    const inOrder = marks.toSorted((a, b) => order.indexOf(a.instanceId) - order.indexOf(b.instanceId));
    const { length } = inOrder;
    const place = inOrder.findIndex((mark) => mark.markId === selectedMarkId);
    const mark = inOrder[place === -1 ? (by === 1 ? 0 : length - 1) : (place + by + length) % length];
    if (mark !== undefined) select(mark.markId);
  }

  return {
    change,
    select,
    /** After another draft has taken this one's place. */
    restart: (next: readonly ReaderMark[]) => setHistory(startHistory(next)),
    undoOrRedo: (isRedo: boolean) => show(isRedo ? redo(history) : undo(history)),
    /** Whether the key was one of the marks'. */
    handleKey(event: KeyboardEvent): boolean {
      if (viewer.handleMarkKey(event)) {
        event.preventDefault();
        return true;
      }
      if ((event.key === "Delete" || event.key === "Backspace") && selectedMarkId !== null) {
        viewer.change({ selectedMarkId: null });
        change(marks.filter((mark) => mark.markId !== selectedMarkId));
        return true;
      }
      if (event.key.toLowerCase() !== "n") return false;
      selectNext(event.shiftKey ? -1 : 1);
      return true;
    },
    editingOn: (instanceId: string): Omit<MarkEditing, "tool" | "selectedId"> => ({
      onAdd(geometry) {
        const markId = crypto.randomUUID();
        change([...marks, { markId, instanceId, geometry, kind: "mass" }]);
        viewer.change({ selectedMarkId: markId, markTool: null });
      },
      onMove(markId, geometry, gesture) {
        change(
          marks.map((mark) => (mark.markId === markId ? { ...mark, geometry } : mark)),
          gesture,
        );
      },
      onSelect: (markId) => viewer.change({ selectedMarkId: markId }),
    }),
  };
}
