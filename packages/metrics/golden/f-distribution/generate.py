"""Writes cases.json: t, F, chi-squared and noncentral F tails and quantiles by scipy."""
import json
from pathlib import Path

import numpy as np
from scipy import integrate, stats


def noncentral_tail(f, a, b, n):
    """scipy's own ncf.sf fails where the tail is near 1: integrate the noncentral chi-squared tail over the denominator."""
    low, high = stats.chi2.ppf([1e-15, 1 - 1e-15], b)
    inner = (lambda v: stats.ncx2.sf(a * f * v / b, a, n)) if n > 0 else (lambda v: stats.chi2.sf(a * f * v / b, a))
    points = np.linspace(low, high, 60)
    return sum(integrate.quad(lambda v: inner(v) * stats.chi2.pdf(v, b), *pair, epsabs=1e-14)[0] for pair in zip(points, points[1:]))


out = {
    "fUpperTail": [
        {"f": f, "numeratorDf": a, "denominatorDf": b, "value": float(stats.f.sf(f, a, b))}
        for f in (0.01, 0.7, 1.0, 4.456319, 12.5, 300.0)
        for a, b in ((1, 15.25967), (1, 3), (4, 16.8), (5, 200.5), (1, 2.0), (19, 5000.25))
    ],
    "fUpperQuantile": [
        {"upperTail": p, "numeratorDf": a, "denominatorDf": b, "value": float(stats.f.isf(p, a, b))}
        for p in (0.001, 0.025, 0.05, 0.5, 0.975)
        for a, b in ((1, 15.25967), (5, 3), (5, 18.4), (30, 7), (18, 5))
    ],
    "studentTwoSidedPValue": [
        {"t": t, "df": df, "value": float(2 * stats.t.sf(abs(t), df))}
        for t in (-2.11, 0.05, 1.0, 9.0)
        for df in (1, 3, 12.74, 253.64)
    ],
    "studentCriticalValue": [
        {"confidence": c, "df": df, "value": float(stats.t.ppf((1 + c) / 2, df))}
        for c in (0.5, 0.8, 0.95, 0.99)
        for df in (1, 3, 12.74, 253.64)
    ],
    "chiSquareUpperTail": [
        {"x": x, "df": df, "value": float(stats.chi2.sf(x, df))} for x in (0.0, 0.3, 5.47595, 13.6, 80.0) for df in (1, 2, 3, 4, 9, 20)
    ],
    "noncentralFUpperTail": [
        {"f": f, "numerator": a, "denominator": b, "noncentrality": n, "value": float(noncentral_tail(f, a, b, n))}
        for f, a, b in ((4.49, 1, 16.1), (4.28, 1, 23.1), (5.1, 1, 9), (3.2, 4, 60), (0.5, 2, 12.5))
        for n in (0.0, 1e-6, 4.8, 8.91, 60.0, 300.0)
    ],
}
Path(__file__).with_name("cases.json").write_text(json.dumps(out, indent=1) + "\n")
