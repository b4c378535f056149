"""Learning rates of torch's schedulers.

Run: /usr/bin/python3 generate.py > cases.json
"""

import json

import torch
from torch.optim import lr_scheduler


def rates(make, steps: int) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1e-3)
    scheduler = make(optimizer)
    values = []
    for _ in range(steps):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return values


def main() -> None:
    cases = [
        {
            "name": "cosine to a tenth",
            "plan": {"learningRate": 1e-3, "schedule": {"kind": "cosine", "floorShare": 0.1}},
            "steps": 12,
            "stepsPerEpoch": 4,
            "rates": rates(lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=12, eta_min=1e-4), 12),
        },
        {
            "name": "steps of two epochs",
            "plan": {"learningRate": 1e-3, "schedule": {"kind": "step", "everyEpochs": 2, "factor": 0.3}},
            "steps": 15,
            "stepsPerEpoch": 3,
            "rates": rates(lambda o: lr_scheduler.StepLR(o, step_size=6, gamma=0.3), 15),
        },
        {
            "name": "warm-up, then cosine to 0",
            "plan": {"learningRate": 1e-3, "warmUpSteps": 5, "schedule": {"kind": "cosine", "floorShare": 0}},
            "steps": 15,
            "stepsPerEpoch": 5,
            "rates": rates(
                lambda o: lr_scheduler.LinearLR(o, start_factor=0.2, end_factor=1.0, total_iters=4), 5
            )
            + rates(lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=10), 10),
        },
    ]
    print(json.dumps({"torch": torch.__version__, "cases": cases}, indent=1))


main()
