"""Pillow's antialiased bilinear resize of closed-formula images.

Run: /usr/bin/python3 generate.py > cases.json
"""

import json

import numpy as np
import PIL
from PIL import Image

# width, height, input size; chosen so that the fitted size and the padding are whole pixels
CASES = [(48, 64, 32), (200, 100, 20), (30, 40, 80), (24, 24, 24), (7, 14, 8), (320, 240, 64)]


def formula(width: int, height: int) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    return (0.5 + 0.5 * np.sin(0.9 * x + 0.31 * y * y)).astype(np.float32)


def main() -> None:
    cases = []
    for width, height, size in CASES:
        scale = size / max(width, height)
        fitted = (round(width * scale), round(height * scale))
        resized = Image.fromarray(formula(width, height), mode="F").resize(fitted, Image.BILINEAR)
        frame = np.zeros((size, size), dtype=np.float32)
        left, top = (size - fitted[0]) // 2, (size - fitted[1]) // 2
        frame[top : top + fitted[1], left : left + fitted[0]] = np.asarray(resized)
        flat = frame.reshape(-1)
        cases.append(
            {
                "widthPx": width,
                "heightPx": height,
                "inputSizePx": size,
                "positions": [int(p) for p in range(0, flat.size, max(1, flat.size // 97))],
                "values": [round(float(flat[p]), 8) for p in range(0, flat.size, max(1, flat.size // 97))],
                "sum": float(flat.astype(np.float64).sum()),
            }
        )
    print(json.dumps({"pillow": PIL.__version__, "cases": cases}))


main()
