"""Writes cases.json: Cohen's kappa by scikit-learn, Fleiss' kappa by statsmodels, Krippendorff's alpha by its definition."""
import itertools
import json
from pathlib import Path

import numpy as np
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import fleiss_kappa

random = np.random.default_rng(7)

cohen = []
for count, categories, noise in [(40, 2, 0.2), (120, 5, 0.4), (200, 6, 0.8)]:
    first = random.integers(0, categories, count)
    moved = np.clip(first + random.integers(-2, 3, count), 0, categories - 1)
    second = np.where(random.random(count) < noise, moved, first)
    scale = list(range(categories))
    cohen.append(
        {
            "first": first.tolist(),
            "second": second.tolist(),
            "categories": scale,
            "none": cohen_kappa_score(first, second, labels=scale),
            "linear": cohen_kappa_score(first, second, labels=scale, weights="linear"),
            "quadratic": cohen_kappa_score(first, second, labels=scale, weights="quadratic"),
        }
    )

fleiss = []
for count, readers, categories in [(10, 14, 5), (60, 3, 4), (25, 6, 2)]:
    weights = random.dirichlet(np.ones(categories), count)
    counts = np.array([random.multinomial(readers, row) for row in weights])
    fleiss.append({"counts": counts.tolist(), "kappa": float(fleiss_kappa(counts, method="fleiss"))})

# The reliability data of Krippendorff (2011), four observers, twelve units; published: 0.743, 0.815, 0.849, 0.797.
published = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]


def alpha(ratings, metric):
    """Mean squared difference within units over that between all pairable ratings, term by term."""
    units = [[row[u] for row in ratings if row[u] is not None] for u in range(len(ratings[0]))]
    units = [unit for unit in units if len(unit) >= 2]
    everything = [value for unit in units for value in unit]
    total = len(everything)

    def delta(a, b):
        if metric == "nominal":
            return float(a != b)
        if metric == "interval":
            return float((a - b) ** 2)
        if metric == "ratio":
            return 0.0 if a == b else float(((a - b) / (a + b)) ** 2)
        low, high = min(a, b), max(a, b)
        between = sum(low <= value <= high for value in everything)
        return (between - (everything.count(low) + everything.count(high)) / 2) ** 2 if a != b else 0.0

    within = sum(sum(delta(a, b) for a, b in itertools.permutations(unit, 2)) / (len(unit) - 1) for unit in units) / total
    overall = sum(delta(a, b) for a, b in itertools.permutations(everything, 2)) / (total * (total - 1))
    return 1 - within / overall


krippendorff = [
    {
        "ratings": published,
        "published": {"nominal": 0.743, "ordinal": 0.815, "interval": 0.849, "ratio": 0.797},
        **{level: alpha(published, level) for level in ("nominal", "ordinal", "interval", "ratio")},
    }
]
for level, value in krippendorff[0]["published"].items():
    assert round(krippendorff[0][level], 3) == value, level
sparse = [[int(v) if random.random() < 0.8 else None for v in np.clip(base + random.integers(-1, 2, 30), 1, 5)] for base in [random.integers(1, 6, 30)] * 4]
krippendorff.append({"ratings": sparse, **{level: alpha(sparse, level) for level in ("nominal", "ordinal", "interval", "ratio")}})

Path(__file__).with_name("cases.json").write_text(json.dumps({"cohen": cohen, "fleiss": fleiss, "krippendorff": krippendorff}, indent=1) + "\n")
