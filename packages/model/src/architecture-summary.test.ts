import { expect, it } from "vitest";
import { architectureSummaries } from "./architecture-summary.ts";

/** torchvision's efficientnet_b0: sum(p.numel()) of features[:8] (to 7×7×320) and of features (with the 1×1 to 1280). */
const torchvision = { toLastBlock: 3_595_388, withHeadConvolution: 4_007_548 };
const cbam = 2 * 320 * 40 + 40 + 320 + 7 * 7 * 2 + 1;
const dense = (channels: number) => 2 * channels + 2;

it("counts torchvision's backbone, the attention module and the head of either variant", () => {
  const paper = architectureSummaries().filter(({ architecture }) => architecture === "efficientnet-b0-cbam");
  expect(paper).toEqual([
    {
      architecture: "efficientnet-b0-cbam",
      headVariant: "gap",
      isDefault: true,
      inputSizePx: 224,
      featureSizePx: 7,
      featureChannels: 320,
      trainableCount: torchvision.toLastBlock + cbam + dense(320),
      attentionCount: cbam,
      statisticsCount: 42_016 - 2 * 1280,
    },
    {
      architecture: "efficientnet-b0-cbam",
      headVariant: "conv-head",
      isDefault: false,
      inputSizePx: 224,
      featureSizePx: 7,
      featureChannels: 320,
      trainableCount: torchvision.withHeadConvolution + cbam + dense(1280),
      attentionCount: cbam,
      statisticsCount: 42_016,
    },
  ]);
});

it("lists every preset with both heads, one of them the default", () => {
  const summaries = architectureSummaries();
  const names = new Set(summaries.map(({ architecture }) => architecture));
  expect(summaries).toHaveLength(2 * names.size);
  expect(summaries.filter(({ isDefault }) => isDefault).map(({ architecture }) => architecture)).toEqual([
    ...names,
  ]);
});
