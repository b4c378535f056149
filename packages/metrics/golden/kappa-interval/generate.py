"""Writes cases.json: standard errors of Cohen's kappa by statsmodels, of Fleiss' kappa by the delta method with numerical
derivatives."""
import json
from pathlib import Path

import numpy as np
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa, to_table

random = np.random.default_rng(23)
cohen = []
for count, categories, noise in [(30, 2, 0.3), (120, 5, 0.4), (400, 8, 0.7)]:
    first = random.integers(0, categories, count)
    second = np.where(random.random(count) < noise, np.clip(first + random.integers(-2, 3, count), 0, categories - 1), first)
    table = to_table(np.column_stack([first, second]), bins=np.arange(categories + 1) - 0.5)[0]
    row = {"first": first.tolist(), "second": second.tolist(), "categories": list(range(categories))}
    for weights, wt in (("none", None), ("linear", "linear"), ("quadratic", "quadratic")):
        result = cohens_kappa(table, wt=wt)
        row[weights] = {"value": float(result.kappa), "standardError": float(result.std_kappa), "lower": float(result.kappa_low), "upper": float(result.kappa_upp)}
    cohen.append(row)


def weighted_kappa(counts, weights):
    """Fleiss' kappa of cases with weights that sum to 1."""
    readers = counts[0].sum()
    p = weights @ counts / readers
    agreement = weights @ ((counts**2).sum(axis=1) - readers) / (readers * (readers - 1))
    return (agreement - (p**2).sum()) / (1 - (p**2).sum())


fleiss = []
for count, readers, categories in [(10, 14, 5), (60, 3, 4), (25, 6, 2)]:
    counts = np.array([random.multinomial(readers, row) for row in random.dirichlet(np.ones(categories) * 0.7, count)])
    weights = np.full(count, 1 / count)
    value = weighted_kappa(counts, weights)
    assert abs(value - fleiss_kappa(counts, method="fleiss")) < 1e-12
    step = 1e-5
    influence = np.empty(count)
    for index in range(count):
        toward = lambda h: (1 - h) * weights + h * np.eye(count)[index]
        influence[index] = (weighted_kappa(counts, toward(step)) - weighted_kappa(counts, toward(-step))) / (2 * step)
    fleiss.append({"counts": counts.tolist(), "value": float(value), "standardError": float((influence**2).sum() / (count * (count - 1))) ** 0.5})

Path(__file__).with_name("cases.json").write_text(json.dumps({"cohen": cohen, "fleiss": fleiss}, indent=1) + "\n")
