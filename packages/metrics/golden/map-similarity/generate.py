"""Similarity of two maps by SciPy and NumPy.

Run: /usr/bin/python3 generate.py > cases.json
"""

import json

import numpy as np
import scipy
from scipy.ndimage import gaussian_filter
from scipy.stats import spearmanr


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    """skimage.metrics.structural_similarity(gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1)."""
    smooth = lambda v: gaussian_filter(v, sigma=1.5, truncate=3.5)
    ux, uy = smooth(a), smooth(b)
    vx, vy, vxy = smooth(a * a) - ux * ux, smooth(b * b) - uy * uy, smooth(a * b) - ux * uy
    c1, c2 = 0.01**2, 0.03**2
    s = ((2 * ux * uy + c1) * (2 * vxy + c2)) / ((ux**2 + uy**2 + c1) * (vx + vy + c2))
    return float(s[5:-5, 5:-5].mean())


def iou(a: np.ndarray, b: np.ndarray, share: float) -> float:
    def hot(v):
        limit = np.sort(v.ravel())[-int(np.ceil(share * v.size))]
        return (v >= limit) & (v > v.min())

    return float((hot(a) & hot(b)).sum() / (hot(a) | hot(b)).sum())


def wave(height, width, fx, fy, phase):
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    return 0.5 + 0.5 * np.sin(fx * x + fy * y + phase)


def relu(v, limit):
    # thousandths: what is nearly equal must be equal for everybody's sine
    return np.round(1000 * np.maximum(0, v - limit) / (1 - limit)) / 1000


def main() -> None:
    # height, width, (fx, fy, phase, ReLU limit) of each map
    cases = [
        (16, 20, (0.3, 0.2, 0.0, 0.0), (0.3, 0.2, 0.4, 0.0)),
        (16, 20, (0.3, 0.2, 0.0, 0.0), (0.1, 0.5, 1.0, 0.0)),
        (24, 13, (0.21, 0.33, 0.0, 0.6), (0.2, 0.3, 0.2, 0.7)),
        (12, 12, (0.4, 0.1, 0.0, 0.97), (0.1, 0.4, 0.0, 0.3)),
    ]
    rows = []
    for height, width, first, second in cases:
        a, b = (relu(wave(height, width, *m[:3]), m[3]) for m in (first, second))
        rows.append(
            {
                "heightPx": height,
                "widthPx": width,
                "first": first,
                "second": second,
                "spearman": float(spearmanr(a.ravel(), b.ravel()).correlation),
                "ssim": ssim(a, b),
                "iou": {str(share): iou(a, b, share) for share in (0.05, 0.1, 0.5)},
            }
        )
    print(json.dumps({"scipy": scipy.__version__, "numpy": np.__version__, "cases": rows}, indent=1))


main()
