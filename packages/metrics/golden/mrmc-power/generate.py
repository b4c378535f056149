"""Writes cases.json: power by scipy's distributions and RJafroc's published sample sizes for the Van Dyke study."""
import json
from pathlib import Path

import numpy as np
from scipy import integrate, stats

# Van Dyke, Wilcoxon figure, jackknife, as printed by RJafroc; 114 cases; effect = the observed difference.
pilot = {"conditionReader": 0.00020040252, "error": 0.00080228827, "cov1": 0.00034661371, "cov2": 0.00034407483, "cov3": 0.00023902837}
effect, pilot_cases = 0.043800322, 114
published = {
    "power": {"readerCount": 6, "caseCount": 251, "power": 0.8005403, "noncentrality": "8.91", "denominatorDf": "16.1"},
    "casesForEightyPercent": {4: 1089, 5: 344, 6: 251, 7: 211, 8: 188, 9: 173, 10: 163, 12: 149, 15: 137, 20: 126, 30: 116, 50: 109, 71: 106, 99: 104, 100: 103},
    "readersOnly": {"readerCount": 10, "caseCount": 53, "power": 0.8049666},
}


def tail(f, df, shift):
    """P(noncentral F(1, df) >= f) by integrating the normal numerator over the denominator."""
    inner = lambda v: stats.norm.sf(np.sqrt(f * v / df) - shift) + stats.norm.cdf(-np.sqrt(f * v / df) - shift)
    points = np.linspace(*stats.chi2.ppf([1e-14, 1 - 1e-14], df), 40)
    return sum(integrate.quad(lambda v: inner(v) * stats.chi2.pdf(v, df), *pair, epsabs=1e-13)[0] for pair in zip(points, points[1:]))


rows = []
for readers, cases, level in [(6, 251, 0.05), (5, 114, 0.05), (12, 400, 0.01), (3, 60, 0.1)]:
    s, gap = pilot_cases / cases, pilot["cov2"] - pilot["cov3"]
    own = pilot["error"] - pilot["cov1"]
    interaction = pilot["conditionReader"] + s * (own - gap)
    for kind, term, df in (
        ("readers-and-cases", pilot["conditionReader"] + s * (own + (readers - 1) * gap), None),
        ("cases", s * (own + (readers - 1) * gap), np.inf),
        ("readers", interaction, readers - 1.0),
    ):
        df = (term / interaction) ** 2 * (readers - 1) if df is None else df
        shift = (readers * effect**2 / 2 / term) ** 0.5
        z = stats.norm.isf(level / 2)
        power = stats.norm.sf(z - shift) + stats.norm.cdf(-z - shift) if df == np.inf else tail(stats.f.isf(level, 1, df), df, shift)
        rows.append({"generalisation": kind, "readerCount": readers, "caseCount": cases, "level": level, "power": float(power)})
Path(__file__).with_name("cases.json").write_text(json.dumps({"pilot": pilot, "effect": effect, "pilotCaseCount": pilot_cases, "published": published, "rows": rows}, indent=1) + "\n")
