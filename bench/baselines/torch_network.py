"""The network on its device, channels-last, and a batch of random images, as the command line asks for them."""

import argparse

import torch

from efficientnet_cbam import build


def prepare():
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
    model = build(arguments.parameters).to(device, memory_format=torch.channels_last)
    shape = (arguments.batch_size, 1, arguments.image_size, arguments.image_size)
    return model, torch.randn(shape).to(device, memory_format=torch.channels_last)
