import type { MarkKind } from "@crossread/contracts/mark";
import type { ReaderMark } from "@crossread/contracts/reader-mark";
import {
  descriptorsOfKind,
  lesionDescriptorsSchema,
  type LesionDescriptor,
} from "@crossread/contracts/reference-mark";

/** Another kind has other descriptors: those that do not go with it are left. */
export function withKind(mark: ReaderMark, kind: MarkKind): ReaderMark {
  const fitting: readonly string[] = descriptorsOfKind[kind];
  const kept = Object.entries(mark.descriptors ?? {}).filter(([name]) => fitting.includes(name));
  return { ...mark, kind, descriptors: lesionDescriptorsSchema.parse(Object.fromEntries(kept)) };
}

/** An empty value takes the descriptor away. */
export function withDescriptor(mark: ReaderMark, name: LesionDescriptor, value: string): ReaderMark {
  const { [name]: _former, ...others } = mark.descriptors ?? {};
  const descriptors = value === "" ? others : { ...others, [name]: value };
  return { ...mark, descriptors: lesionDescriptorsSchema.parse(descriptors) };
}
