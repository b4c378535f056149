"""Writes cases.json: Spearman's correlation by scipy, of samples with many ties and of a resample written out."""
import json
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

random = np.random.default_rng(11)
cases = []
for count in (12, 40, 150):
    first = random.integers(1, 6, count)
    second = np.round(first * 0.08 + random.random(count), 2)
    times = random.integers(0, 4, count)
    cases.append(
        {
            "first": first.tolist(),
            "second": second.tolist(),
            "spearman": float(spearmanr(first, second)[0]),
            "multiplicity": times.tolist(),
            "resampled": float(spearmanr(np.repeat(first, times), np.repeat(second, times))[0]),
        }
    )
Path(__file__).with_name("cases.json").write_text(json.dumps(cases, indent=1) + "\n")
