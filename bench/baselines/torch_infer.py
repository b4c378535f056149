"""Prediction without a map by PyTorch, eager, channels-last."""

import torch

from contestant import serve
from torch_network import prepare

model, images = prepare()
model.eval()


def step():
    with torch.inference_mode():
        return torch.softmax(model(images), 1).cpu()


serve(step, {"version": f"PyTorch {torch.__version__}"})
