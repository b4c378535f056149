"""Writes cases.json: maps against marks by scipy.ndimage and NumPy; masks are drawn from the marks' definitions, pixel by pixel."""
import json
from pathlib import Path

import numpy as np
from scipy import ndimage

random = np.random.default_rng(31)
eight = np.ones((3, 3), int)


def inside(mark, y, x):
    if mark["shape"] == "circle":
        return np.hypot(x - mark["xPx"], y - mark["yPx"]) <= mark["radiusPx"]
    along = np.array([np.cos(mark["rotationRad"]), np.sin(mark["rotationRad"])])
    across = np.array([-along[1], along[0]])
    d = np.stack([x - mark["xPx"], y - mark["yPx"]], axis=-1)
    return (d @ along / mark["radiusXPx"]) ** 2 + (d @ across / mark["radiusYPx"]) ** 2 <= 1


cases = []
for width, height, blobs, marks, threshold, minimum in [
    (40, 30, 5, [{"shape": "circle", "xPx": 12.3, "yPx": 9.7, "radiusPx": 5.2}, {"shape": "ellipse", "xPx": 28.0, "yPx": 20.5, "radiusXPx": 7.1, "radiusYPx": 2.6, "rotationRad": 0.7}], 0.5, 1),
    (64, 64, 12, [{"shape": "ellipse", "xPx": 30.0, "yPx": 31.0, "radiusXPx": 3.3, "radiusYPx": 9.9, "rotationRad": -2.1}, {"shape": "circle", "xPx": 60.0, "yPx": 4.0, "radiusPx": 3.0}, {"shape": "circle", "xPx": 5.5, "yPx": 58.5, "radiusPx": 4.0}], 0.35, 6),
    (33, 17, 40, [], 0.6, 1),
]:
    y, x = np.mgrid[0:height, 0:width] + 0.5
    values = np.zeros((height, width))
    for _ in range(blobs):
        cx, cy, s = random.uniform(0, width), random.uniform(0, height), random.uniform(0.8, 3.5)
        values += random.uniform(0.3, 1) * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * s * s))
    values = np.round(values, 3)
    masks = [inside(mark, y, x) for mark in marks]
    hot = values >= threshold * values.max()
    labels, count = ndimage.label(hot, structure=eight)
    kept = [i for i in range(1, count + 1) if (labels == i).sum() >= minimum]
    solid = np.isin(labels, kept)
    row = {
        "widthPx": width, "heightPx": height, "values": values.ravel().tolist(), "marks": marks,
        "threshold": threshold, "minimumAreaPx": minimum,
        "labels": labels.ravel().tolist(), "count": int(count),
        "areasPx": ndimage.sum(hot, labels, kept).astype(int).tolist(),
        "peaks": list(map(float, ndimage.maximum(values, labels, kept))),
        "centres": [[cx + 0.5, cy + 0.5] for cy, cx in ndimage.center_of_mass(hot, labels, kept)],
        "touches": [[m for m, mask in enumerate(masks) if (mask & (labels == i)).any()] for i in kept],
        "hotShares": [float((mask & solid).sum() / mask.sum()) for mask in masks],
        "markAreasPx": [int(mask.sum()) for mask in masks],
    }
    if marks:
        union = np.any(masks, axis=0)
        row["pointing"] = float(union[values == values.max()].mean())
        row["energyInside"] = float(values[union].sum() / values.sum())
        row["overlaps"] = [
            {"threshold": t, "iou": float((h & union).sum() / (h | union).sum()), "dice": float(2 * (h & union).sum() / (h.sum() + union.sum())), "hotShare": float(h.mean())}
            for t in (0.2, 0.5, 0.8)
            for h in [values >= t * values.max()]
        ]
    cases.append(row)
Path(__file__).with_name("cases.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")
