"""Training step of PyTorch: forward, cross-entropy, backward, Adam over all layers, channels-last."""

import torch

from contestant import serve
from torch_network import prepare

model, images = prepare()
model.train()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-5)
labels = (torch.arange(len(images)) % 2).to(images.device)


def step():
    optimizer.zero_grad(set_to_none=True)
    loss = torch.nn.functional.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


serve(step, {"version": f"PyTorch {torch.__version__}"})
