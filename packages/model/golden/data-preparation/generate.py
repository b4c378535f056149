"""Augmentation by torchvision, sampling by torch, mean and deviation by NumPy.

Run: /usr/bin/python3 generate.py > cases.json
"""

import json

import numpy as np
import torch
import torchvision
import torchvision.transforms.functional as F
from torch.utils.data import WeightedRandomSampler

SIZE = 32

# rotation in degrees, translation in pixels, scale, flipped, contrast shifted
AUGMENTATIONS = [
    (0.0, 0, 0, 1.0, True, False),
    (0.0, 5, -3, 1.0, False, False),
    (7.5, 0, 0, 1.0, False, False),
    (-10.0, 0, 0, 0.9, False, True),
    (3.0, 2, 1, 1.1, True, False),
    (-6.25, -4, 3, 1.1, True, True),
    (0.0, 0, 0, 1.0, False, True),
]


def formula(shift: float) -> np.ndarray:
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float64)
    return (0.5 + 0.5 * np.sin(0.4 * x + 0.013 * y * y + shift)).astype(np.float32)


def augmented(rotation, tx, ty, scale, flipped, shifted) -> np.ndarray:
    image = torch.from_numpy(formula(0.0))[None]
    if flipped:
        image = F.hflip(image)
    image = F.affine(
        image,
        angle=rotation,
        translate=[tx, ty],
        scale=scale,
        shear=[0.0, 0.0],
        interpolation=F.InterpolationMode.BILINEAR,
    )
    if shifted:
        image = torch.clamp(1.1 * image + 10 / 255, 0, 1)
    return image[0].numpy().reshape(-1)


def main() -> None:
    positions = list(range(0, SIZE * SIZE, 7))
    augmentations = [
        {
            "rotationDegrees": rotation,
            "translationXPx": tx,
            "translationYPx": ty,
            "scale": scale,
            "isFlipped": flipped,
            "isContrastShifted": shifted,
            "values": [
                round(float(v), 7)
                for v in augmented(rotation, tx, ty, scale, flipped, shifted)[positions]
            ],
        }
        for rotation, tx, ty, scale, flipped, shifted in AUGMENTATIONS
    ]

    labels = [1 if index % 6 == 0 else 0 for index in range(30)]
    counts = np.bincount(labels)
    weights = [1.0 / counts[label] for label in labels]
    generator = torch.Generator().manual_seed(42)
    draws = 60_000
    sampler = WeightedRandomSampler(weights, draws, replacement=True, generator=generator)
    drawn = np.bincount(list(sampler), minlength=len(labels))

    images = np.stack([formula(shift) for shift in (0.0, 0.7, 1.9)]).astype(np.float64)
    print(
        json.dumps(
            {
                "torch": torch.__version__,
                "torchvision": torchvision.__version__,
                "sizePx": SIZE,
                "positions": positions,
                "augmentations": augmentations,
                "sampler": {"labels": labels, "draws": draws, "counts": drawn.tolist()},
                "normalisation": {
                    "shifts": [0.0, 0.7, 1.9],
                    "mean": float(images.mean()),
                    "standardDeviation": float(images.std()),
                },
            }
        )
    )


main()
