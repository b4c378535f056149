"""Writes cases.json: power of split-plot studies from the covariance matrix of all figures of merit, without the closed formulas,
and by simulating such studies and their analysis."""
import json
from pathlib import Path

import numpy as np
from scipy import stats

random = np.random.default_rng(2012)
# Van Dyke, Wilcoxon figure, jackknife, 114 cases, as in golden/mrmc-power; Var(R) cancels in differences.
pilot = {"conditionReader": 0.00020040252, "error": 0.00080228827, "cov1": 0.00034661371, "cov2": 0.00034407483, "cov3": 0.00023902837}
pilot_cases, reader_variance, level = 114, 0.0015, 0.05


def covariance(readers, groups, scale):
    """Of the figures x[t, r] of two conditions; reader r is in group r // (readers / groups)."""
    cells = [(t, r) for t in range(2) for r in range(readers)]
    size = readers // groups
    sigma = np.zeros((len(cells), len(cells)))
    for a, (t, r) in enumerate(cells):
        for b, (u, s) in enumerate(cells):
            if r == s:
                sigma[a, b] = reader_variance + (pilot["conditionReader"] + scale * pilot["error"] if t == u else scale * pilot["cov1"])
            elif r // size == s // size:
                sigma[a, b] = scale * (pilot["cov2"] if t == u else pilot["cov3"])
    return sigma


def interaction_form(readers, groups):
    """MS(T·R) within groups as a quadratic form: squares of the readers' half differences about their group's mean."""
    size = readers // groups
    within = np.eye(readers) - np.kron(np.eye(groups), np.ones((size, size)) / size)
    halves = np.hstack([np.eye(readers), -np.eye(readers)])
    return halves.T @ within @ halves / 2 / (readers - groups)


def matrix_power(readers, cases, groups, effect):
    sigma = covariance(readers, groups, pilot_cases * groups / cases)
    contrast = np.repeat([1 / readers, -1 / readers], readers)
    variance = contrast @ sigma @ contrast
    form = interaction_form(readers, groups)
    product = form @ sigma
    mean_square = np.trace(product)
    own_df = mean_square**2 / np.trace(product @ product)
    df = (variance * readers / 2 / mean_square) ** 2 * own_df
    shift = effect**2 / variance
    return shift, df, float(stats.ncf.sf(stats.f.isf(level, 1, df), 1, df, shift))


def simulated_power(readers, cases, groups, effect, studies=200_000):
    """Share of simulated studies whose split-plot analysis rejects; Cov2 − Cov3 is taken as known."""
    scale = pilot_cases * groups / cases
    x = random.multivariate_normal(np.repeat([effect, 0], readers), covariance(readers, groups, scale), studies)
    d = (x[:, :readers] - x[:, readers:]).reshape(studies, groups, readers // groups)
    ms_tr = ((d - d.mean(axis=2, keepdims=True)) ** 2).sum(axis=(1, 2)) / 2 / (readers - groups)
    term = ms_tr + readers // groups * scale * (pilot["cov2"] - pilot["cov3"])
    f = readers * d.mean(axis=(1, 2)) ** 2 / 2 / term
    df = (term / ms_tr) ** 2 * (readers - groups)
    return float((stats.f.sf(f, 1, df) < level).mean())


rows = []
for readers, cases, groups, effect in [(6, 251, 1, 0.0438), (6, 252, 3, 0.0438), (8, 400, 2, 0.035), (12, 360, 4, 0.03), (20, 500, 10, 0.025)]:
    shift, df, power = matrix_power(readers, cases, groups, effect)
    rows.append({
        "readerCount": readers, "caseCount": cases, "groupCount": groups, "effect": effect,
        "noncentrality": shift, "denominatorDf": df, "power": power,
        "simulatedPower": simulated_power(readers, cases, groups, effect),
    })
    print(rows[-1])
Path(__file__).with_name("cases.json").write_text(json.dumps({"pilot": pilot, "pilotCaseCount": pilot_cases, "rows": rows}, indent=1) + "\n")
