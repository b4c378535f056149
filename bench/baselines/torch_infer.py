"""Prediction without a map by PyTorch, eager, channels-last."""

import argparse

import torch

from contestant import serve
from efficientnet_cbam import build

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--batch-size", type=int, required=True)
parser.add_argument("--image-size", type=int, required=True)
parser.add_argument("--parameters", type=int, required=True)
parser.add_argument("--device", default="cpu")
arguments = parser.parse_args()

torch.set_num_threads(arguments.threads)
torch.manual_seed(42)
device = torch.device(arguments.device)
model = build(arguments.parameters).to(device, memory_format=torch.channels_last).eval()
size = arguments.image_size
images = torch.randn(arguments.batch_size, 1, size, size).to(device, memory_format=torch.channels_last)


def step():
    with torch.inference_mode():
        return torch.softmax(model(images), 1).cpu()


serve(step, {"version": f"PyTorch {torch.__version__}"})
