"""Writes the network as ONNX with random weights: what the bare ONNX Runtime session runs."""

import argparse

import torch

from efficientnet_cbam import build

parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int, required=True)
parser.add_argument("--image-size", type=int, required=True)
parser.add_argument("--parameters", type=int, required=True)
parser.add_argument("--out", required=True)
arguments = parser.parse_args()

torch.manual_seed(42)


class Classifier(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.network = build(arguments.parameters)

    def forward(self, gray):
        return torch.softmax(self.network(gray), 1)


size = arguments.image_size
torch.onnx.export(
    Classifier().eval(),
    torch.randn(arguments.batch_size, 1, size, size),
    arguments.out,
    opset_version=15,
    input_names=["images"],
    output_names=["probabilities"],
)
