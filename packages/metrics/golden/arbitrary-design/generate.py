"""Writes cases.json: comparisons of two conditions in studies where not every reader read every case, with every moment written
out as a sum over pairs of index tuples (reader, diseased case, non-diseased case)."""
import json
from itertools import product
from pathlib import Path

import numpy as np
from scipy import stats
from scipy.sparse.csgraph import connected_components

here = Path(__file__).parent
random = np.random.default_rng(2009)


def simulate(patients, reads, two_breasts):
    """Roe-Metz with case, reader and interaction effects; ratings 0 to 100. reads[r][p]: reader r read patient p."""
    labels, owner = [], []
    for patient, kind in enumerate(patients):
        for breast in range(2 if two_breasts else 1):
            labels.append(1 if kind == 1 and breast == 0 else 0)
            owner.append(patient)
    labels, owner = np.array(labels), np.array(owner)
    n, r = len(labels), len(reads)
    woman = 0.4 * random.standard_normal(len(patients))[owner]
    case, by_condition = 0.5 * random.standard_normal(n), 0.3 * random.standard_normal((2, n))
    skill = 0.25 * random.standard_normal(r)
    ratings = []
    for t in range(2):
        rows = []
        for reader in range(r):
            signal = labels * (1.1 + 0.4 * (t == 0) + skill[reader] + 0.15 * random.standard_normal())
            latent = signal + woman + case + by_condition[t] + 0.7 * random.standard_normal(n)
            row = np.clip(np.round(40 + 16 * latent), 0, 100).astype(int)
            rows.append([int(v) if reads[reader][owner[c]] else None for c, v in enumerate(row)])
        ratings.append(rows)
    return {"labels": labels.tolist(), "clusterIds": [f"p{p}" for p in owner], "ratings": ratings}


def psi(x, y):
    return 1.0 if x > y else 0.5 if x == y else 0.0


def observations(study, reader, figure, contrast):
    """(patients, value) of every index tuple of a reader."""
    labels, owner, ratings = study["labels"], study["clusterIds"], study["ratings"]
    own = [c for c in range(len(labels)) if all(ratings[t][reader][c] is not None for t in range(2))]
    d, h = [c for c in own if labels[c] == 1], [c for c in own if labels[c] == 0]
    rate = lambda t, c: ratings[t][reader][c]
    if figure == "auc":
        return [(frozenset((owner[j], owner[i])), sum(k * psi(rate(t, j), rate(t, i)) for t, k in enumerate(contrast))) for j in d for i in h]
    if figure == "sensitivity":
        return [(frozenset((owner[j],)), sum(k * (rate(t, j) >= 50) for t, k in enumerate(contrast))) for j in d]
    return [(frozenset((owner[i],)), sum(k * (rate(t, i) < 50) for t, k in enumerate(contrast))) for i in h]


def covariance(a, b):
    """Sum over dependent pairs of tuples of centred products over the number of independent pairs; and the share of dependent pairs."""
    mean_a, mean_b = np.mean([v for _, v in a]), np.mean([v for _, v in b])
    dependent, total = 0, 0.0
    for (pa, va), (pb, vb) in product(a, b):
        if pa & pb:
            dependent += 1
            total += (va - mean_a) * (vb - mean_b)
    pairs = len(a) * len(b)
    value = 0.0 if dependent == 0 else float("nan") if dependent == pairs else total / (pairs - dependent)
    return value, dependent / pairs


def analyse(study, figure, contrast, weights):
    tuples = [observations(study, r, figure, contrast) for r in range(len(weights))]
    r = len(tuples)
    w = np.array(weights, float) / sum(weights)
    x = np.array([np.mean([v for _, v in one]) for one in tuples])
    c, delta = np.empty((r, r)), np.empty((r, r))
    for a in range(r):
        for b in range(r):
            c[a, b], delta[a, b] = covariance(tuples[a], tuples[b])
    off = ~np.eye(r, dtype=bool)
    told = ~np.isnan(np.diag(c))
    own = max(0.0, np.diag(c)[told].sum() / np.diag(delta)[told].sum())
    shared = 0.0 if delta[off].sum() == 0 else min(own, max(0.0, c[off].sum() / delta[off].sum()))
    c = np.where(np.isnan(c), own * delta, c)
    _, block = connected_components(delta > 0, directed=False)
    sizes = np.bincount(block)
    if len(sizes) > 1 and sizes.min() == 1:
        block = np.zeros(r, int)
    q = np.zeros((r, r))
    for b in set(block):
        m = (block == b).astype(float) * w
        q += np.diag(m) - np.outer(m, m) / m.sum()
    q /= np.trace(q)
    spread, s2, in_spread = x @ q @ x, (w**2).sum(), np.trace(q @ c)
    spread = spread if spread > 1e-24 else 0.0  # What rounding leaves of equal readers.
    first = spread * s2
    shared_part = max(0.0, w @ c @ w - s2 * in_spread)
    variance = first + shared_part
    if variance == 0:
        return None
    omega = np.where(off, shared * delta, own * delta) + max(0.0, spread - in_spread) * np.eye(r)
    qo = q @ omega
    df = (variance / first) ** 2 * np.trace(qo) ** 2 / np.trace(qo @ qo) if first > 0 else np.inf
    value, se = float(w @ x), float(np.sqrt(variance))
    fixed = (w**2 * np.diag(c)).sum() + max(0.0, (np.outer(w, w) * c)[off].sum())
    reach = stats.t.ppf(0.975, df) * se
    return {
        "values": x.tolist(), "value": value, "standardError": se, "degreesOfFreedom": float(df) if np.isfinite(df) else None,
        "lower": value - reach, "upper": value + reach, "pValue": float(2 * stats.t.sf(abs(value) / se, df)),
        "readersPart": float(first), "sharedPart": float(shared_part), "fixedStandardError": float(np.sqrt(fixed)),
    }


def eight_moments(study, weights):
    """Gallas' one-shot estimate for any design as the FDA's iMRMC computes it: coefficients and unbiased moments M1 to M8 of the
    difference kernel, sorted by which of the indices (i, j, r) two tuples have in common. For one case a patient."""
    labels, ratings = study["labels"], study["ratings"]
    w = np.array(weights, float) / sum(weights)
    tuples = []
    for r in range(len(w)):
        own = [c for c in range(len(labels)) if ratings[0][r][c] is not None]
        d, h = [c for c in own if labels[c]], [c for c in own if not labels[c]]
        for j, i in product(d, h):
            s = psi(ratings[0][r][j], ratings[0][r][i]) - psi(ratings[1][r][j], ratings[1][r][i])
            tuples.append((i, j, r, w[r] / (len(d) * len(h)), s))
    numerator, coefficient = np.zeros(8), np.zeros(8)
    for a, b in product(tuples, tuples):
        k = (a[0] != b[0]) + 2 * (a[1] != b[1]) + 4 * (a[2] != b[2])
        numerator[k] += a[3] * b[3] * a[4] * b[4]
        coefficient[k] += a[3] * b[3]
    moments = np.divide(numerator, coefficient, out=np.zeros(8), where=coefficient > 0)
    variance = (coefficient * moments).sum() - moments[7]
    return float(np.sqrt(variance)) if variance > 0 else None


def split(sizes, patients_each):
    """reads[r][p] of groups of readers with patients of their own."""
    rows = []
    for group, size in enumerate(sizes):
        for _ in range(size):
            rows.append([p // patients_each == group for p in range(patients_each * len(sizes))])
    return rows


def alternate(count, share=3):
    return [1 if p % share == 0 else 0 for p in range(count)]


def without(reads, reader, left_out):
    return [[v and not (r == reader and p in left_out) for p, v in enumerate(row)] for r, row in enumerate(reads)]


crossed = [[True] * 15 for _ in range(4)]
pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
designs = [
    ("fully crossed", alternate(20, 2), [[True] * 20 for _ in range(4)], False, None),
    ("fully crossed, two breasts a patient", alternate(12, 2), [[True] * 12 for _ in range(3)], True, None),
    ("groups of three and two readers", alternate(24, 2), split([3, 2], 12), False, None),
    ("groups of two and one reader, two breasts a patient", alternate(20, 2), split([2, 1], 10), True, None),
    ("each reader cases of their own", alternate(36, 2), split([1, 1, 1, 1], 9), False, None),
    ("one reader unfinished", alternate(15, 2), without(crossed, 2, range(9, 15)), False, [1, 1, 0.6, 1]),
    ("readings missing here and there, two breasts a patient", alternate(15, 3), [[(p * 7 + 3 * r) % 5 > 0 for p in range(15)] for r in range(4)], True, None),
    ("pairs in changing company", alternate(24, 2), [[r in pairs[(p // 2) % 6] for p in range(24)] for r in range(4)], False, None),
    ("groups of two, one reader of which is unfinished", alternate(24, 2), without(split([2, 2], 12), 3, range(18, 24)), True, [1, 1, 1, 0.5]),
    ("a reader of one malignant case", alternate(15, 2), without(crossed, 1, [2, 4, 6, 8, 10, 12, 14]), False, None),
]
cases = []
for name, patients, reads, two_breasts, weights in designs:
    study = simulate(patients, reads, two_breasts)
    weights = weights or [1] * len(reads)
    cases.append({
        "name": name, **study, "weights": weights,
        "expected": {
            figure: {"difference": analyse(study, figure, (1, -1), weights), "first": analyse(study, figure, (1, 0), weights)}
            for figure in ("auc", "sensitivity", "specificity")
        },
        "eightMomentsStandardError": None if two_breasts else eight_moments(study, weights),
    })
here.joinpath("cases.json").write_text(json.dumps(cases) + "\n")
for one in cases:
    e = one["expected"]["auc"]["difference"]
    print(f'{one["name"]}: se {e["standardError"]:.4f} df {e["degreesOfFreedom"]:.2f} value {e["value"]:.3f} parts {e["readersPart"]:.2e} {e["sharedPart"]:.2e} eight {one["eightMomentsStandardError"]}')
