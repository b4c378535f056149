"""Training step of PyTorch: forward, cross-entropy, backward, Adam over all layers, channels-last."""

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
model = build(arguments.parameters).to(device, memory_format=torch.channels_last).train()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-5)
size = arguments.image_size
images = torch.randn(arguments.batch_size, 1, size, size).to(device, memory_format=torch.channels_last)
labels = (torch.arange(arguments.batch_size) % 2).to(device)


def step():
    optimizer.zero_grad(set_to_none=True)
    loss = torch.nn.functional.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


serve(step, {"version": f"PyTorch {torch.__version__}"})
