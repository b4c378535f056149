import type { StrategyName, TrainingPlan } from "@crossread/contracts/training-plan";

interface ChoiceText {
  readonly name: string;
  readonly help: string;
}

export const strategyTexts: Readonly<Record<StrategyName, ChoiceText>> = {
  fedavg: {
    name: "FedAvg",
    help: "The mean of all sites' weights, each counted by its examples. The right start for most runs.",
  },
  fedprox: {
    name: "FedProx",
    help: "As FedAvg, but holds each site near the shared model while it trains. For sites that differ a lot.",
  },
  fedavgm: {
    name: "FedAvgM",
    help: "FedAvg with momentum on the server: smoother progress over many rounds.",
  },
  fedadam: { name: "FedAdam", help: "Adam on the server: adapts the step of each weight. For many rounds." },
  fedyogi: { name: "FedYogi", help: "As FedAdam, with a step that grows more carefully." },
  "trimmed-mean": {
    name: "Trimmed mean",
    help: "Leaves out the most extreme sites weight by weight. Robust against one bad site; needs three or more.",
  },
  median: {
    name: "Median",
    help: "The middle of all sites weight by weight. Robust, at some loss of efficiency.",
  },
  krum: {
    name: "Krum",
    help: "Takes the one update that is nearest to the others. Robust against corrupted sites.",
  },
};

export const architectureTexts: Readonly<Record<TrainingPlan["architecture"], ChoiceText>> = {
  "efficientnet-b0-cbam": {
    name: "EfficientNet-B0 with CBAM",
    help: "The published network, 224 × 224 pixels. About a second per step of 16 images on two cores.",
  },
  "compact-cbam": {
    name: "Compact, with CBAM",
    help: "Three rows of the same blocks at 128 × 128 pixels, for demonstrations: trains from scratch in minutes.",
  },
};
