"""Reference values of torchvision's EfficientNet-B0 with weights from a closed formula.

Run: /usr/bin/python3 generate.py > cases.json
"""

import json
import math

import torch
import torchvision

SIZE = 64
BATCH = 2
SAMPLES = 12


def formula(count: int, index: int) -> torch.Tensor:
    """Fractional part of 437.585453 · sin(0.37 i + 1.7 k + 0.5), stretched to [-1, 1)."""
    i = torch.arange(count, dtype=torch.float64)
    x = torch.sin(0.37 * i + 1.7 * index + 0.5) * 437.585453
    return 2 * (x - torch.floor(x)) - 1


def fill(model: torch.nn.Module) -> None:
    names = [name for name in model.state_dict() if not name.endswith("num_batches_tracked")]
    state = {}
    for index, name in enumerate(names):
        tensor = model.state_dict()[name]
        u = formula(tensor.numel(), index).reshape(tensor.shape)
        if name.endswith("running_var"):
            value = 1 + 0.5 * u
        elif name.endswith("running_mean"):
            value = 0.1 * u
        elif tensor.dim() >= 2:
            fan_in = tensor[0].numel()
            value = u * math.sqrt(3 / fan_in)
        elif name.endswith("weight"):
            value = 1 + 0.1 * u
        else:
            value = 0.1 * u
        state[name] = value.to(torch.float32)
    model.load_state_dict(state, strict=False)


def sample(tensor: torch.Tensor) -> dict:
    """NHWC order: a few evenly spaced values, the mean and the root mean square."""
    t = tensor.detach()
    if t.dim() == 4:
        t = t.permute(0, 2, 3, 1)
    flat = t.contiguous().reshape(-1).double()
    positions = [(flat.numel() - 1) * k // (SAMPLES - 1) for k in range(SAMPLES)]
    return {
        "shape": list(t.shape),
        "positions": positions,
        "values": [flat[p].item() for p in positions],
        "mean": flat.mean().item(),
        "rootMeanSquare": flat.square().mean().sqrt().item(),
    }


def main() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = torchvision.models.efficientnet_b0(weights=None, stochastic_depth_prob=0.0)
    model.classifier[0].p = 0.0
    fill(model)
    gray = (0.5 * formula(BATCH * SIZE * SIZE, 1000)).to(torch.float32).reshape(BATCH, 1, SIZE, SIZE)
    images = gray.expand(BATCH, 3, SIZE, SIZE)

    model.eval()
    with torch.no_grad():
        x = images
        stages = {}
        for index, layer in enumerate(model.features):
            x = layer(x)
            stages[f"features.{index}"] = sample(x)
        logits = model(images)
    inference = {"stages": stages, "logits": sample(logits)}

    model.train()
    labels = torch.tensor([3, 700])
    model.zero_grad()
    output = model(images)
    loss = torch.nn.functional.cross_entropy(output, labels)
    loss.backward()
    gradients = {name: p.grad.double().norm().item() for name, p in model.named_parameters()}
    total = math.sqrt(sum(norm**2 for norm in gradients.values()))
    statistics = {
        name: buffer.double().norm().item()
        for name, buffer in model.named_buffers()
        if not name.endswith("num_batches_tracked")
    }
    training = {
        "labels": labels.tolist(),
        "loss": loss.item(),
        "gradientNorm": total,
        "gradientNorms": gradients,
        "statisticNorms": statistics,
    }
    names = [name for name in model.state_dict() if not name.endswith("num_batches_tracked")]
    print(
        json.dumps(
            {
                "torch": torch.__version__,
                "torchvision": torchvision.__version__,
                "size": SIZE,
                "batch": BATCH,
                "trainableCount": sum(p.numel() for p in model.parameters()),
                "names": [[name, list(model.state_dict()[name].shape)] for name in names],
                "inference": inference,
                "training": training,
            },
            indent=1,
        )
    )


main()
