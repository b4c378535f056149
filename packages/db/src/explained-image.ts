import { transformChainSchema, type TransformChain } from "@crossread/contracts/saliency-map";

export interface ExplainedImage {
  /** One for each class that was explained, "malignant" first. */
  readonly maps: readonly {
    readonly mapId: string;
    readonly classLabel: "benign" | "malignant";
    readonly layer: string;
  }[];
  /** How the image became the network's input; null where nothing was explained. */
  readonly chain: TransformChain | null;
}

export const explainedImageSelect = {
  id: true,
  instanceId: true,
  layer: true,
  classLabel: true,
  transform: true,
} as const;

/** The maps of one image and one checkpoint, oldest first: the first of a class is shown. */
export function toExplainedImage(
  rows: readonly {
    readonly id: string;
    readonly layer: string;
    readonly classLabel: string;
    readonly transform: unknown;
  }[],
): ExplainedImage {
  const [first] = rows;
  return {
    maps: (["malignant", "benign"] as const).flatMap((classLabel) => {
      const map = rows.find((each) => each.classLabel === classLabel);
      return map === undefined ? [] : [{ mapId: map.id, classLabel, layer: map.layer }];
    }),
    chain: first === undefined ? null : transformChainSchema.parse(first.transform),
  };
}
