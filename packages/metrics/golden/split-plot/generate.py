"""Writes cases.json: split-plot analyses by another route than the code's, the ANOVA of jackknife pseudovalues with readers and
cases nested in groups; and Gallas' one-shot estimate of the same variance, which has no model."""
import json
from pathlib import Path

import numpy as np
from scipy import stats

here = Path(__file__).parent
random = np.random.default_rng(2012)


def auc(x, y):
    return float(((x[:, None] > y[None, :]) + 0.5 * (x[:, None] == y[None, :])).mean())


def figure(labels, row):
    return auc(row[labels == 1], row[labels == 0])


def simulate(groups, readers, malignant, benign):
    """Roe-Metz: truth, reader, case and interaction effects; ratings 0 to 100."""
    study = []
    for _ in range(groups):
        labels = np.array([1] * malignant + [0] * benign)
        case = 0.55 * random.standard_normal(len(labels))
        by_condition = 0.3 * random.standard_normal((2, len(labels)))
        by_reader = 0.3 * random.standard_normal((readers, len(labels)))
        skill = 0.2 * random.standard_normal(readers)
        rows = np.empty((2, readers, len(labels)))
        for t in range(2):
            for r in range(readers):
                signal = labels * (1.3 + 0.35 * t + skill[r] + 0.1 * random.standard_normal())
                latent = signal + case + by_condition[t] + by_reader[r] + 0.6 * random.standard_normal(len(labels))
                rows[t, r] = np.clip(np.round(40 + 16 * latent), 0, 100)
        study.append({"labels": labels, "ratings": rows})
    return study


def pseudovalues(labels, row):
    """K theta - (K-1) theta without case k, shifted so that their mean is theta."""
    k = len(labels)
    theta = figure(labels, row)
    keep = ~np.eye(k, dtype=bool)
    y = np.array([k * theta - (k - 1) * figure(labels[mask], row[mask]) for mask in keep])
    return y + theta - y.mean()


def analyse(study):
    """F = MS(T) / (MS(TR(G)) + max(MS(TC(G)) - MS(TRC(G)), 0)), every nested mean square pooled over the groups."""
    y = [np.array([[pseudovalues(g["labels"], row) for row in rows] for rows in g["ratings"]]) for g in study]
    groups, (t, r, k) = len(y), y[0].shape
    overall = np.array([[b[i].mean() for i in range(t)] for b in y]).mean(axis=0)
    ms_t = groups * r * k * ((overall - overall.mean()) ** 2).sum() / (t - 1)
    sums = {"TR": 0.0, "TC": 0.0, "TRC": 0.0, "R": 0.0}
    for b in y:
        m = lambda *axes: b.mean(axis=axes, keepdims=True)
        everything = m(0, 1, 2)
        effects = {
            "T": m(1, 2) - everything, "R": m(0, 2) - everything, "C": m(0, 1) - everything,
            "TR": m(2) - m(1, 2) - m(0, 2) + everything, "TC": m(1) - m(1, 2) - m(0, 1) + everything,
            "RC": m(0) - m(0, 2) - m(0, 1) + everything,
        }
        effects["TRC"] = b - everything - sum(effects.values())
        for name in sums:
            sums[name] += float((np.broadcast_to(effects[name], b.shape) ** 2).sum())
    ms = {
        "TR": sums["TR"] / ((t - 1) * groups * (r - 1)),
        "TC": sums["TC"] / ((t - 1) * groups * (k - 1)),
        "TRC": sums["TRC"] / ((t - 1) * groups * (r - 1) * (k - 1)),
        "R": sums["R"] / (groups * (r - 1)),
    }
    shared = max(ms["TC"] - ms["TRC"], 0)
    term = ms["TR"] + shared
    ddf = (term / ms["TR"]) ** 2 * (t - 1) * groups * (r - 1)
    f = ms_t / term
    difference = float(overall[1] - overall[0])
    se = float(np.sqrt(2 * term / (groups * r * k)))
    reach = stats.t.ppf(0.975, ddf) * se
    return {
        "statistic": f, "denominatorDf": ddf, "pValue": float(stats.f.sf(f, t - 1, ddf)),
        "difference": difference, "standardError": se, "lower": difference - reach, "upper": difference + reach,
        "meanSquares": {"condition": ms_t / k, "reader": ms["R"] / k, "conditionReader": ms["TR"] / k},
        "cov2MinusCov3": (ms["TC"] - ms["TRC"]) / (r * k),
    }


def one_shot(study):
    """Gallas' unbiased estimate of the variance of the mean difference over readers and cases, a group at a time: moments of
    the difference kernel d[i, j, r] over pairs of a non-diseased case i, a diseased case j and a reader r."""
    variance = 0.0
    for g in study:
        labels, rows = g["labels"], g["ratings"]
        kernel = lambda row: ((row[labels == 1][None, :] > row[labels == 0][:, None]) + 0.5 * (row[labels == 1][None, :] == row[labels == 0][:, None]))
        d = np.stack([kernel(second) - kernel(first) for first, second in zip(rows[0], rows[1])], axis=2)
        n0, n1, r = d.shape
        s = (d**2).sum()
        si, sj, sij = (d.sum(axis=0) ** 2).sum(), (d.sum(axis=1) ** 2).sum(), (d.sum(axis=(0, 1)) ** 2).sum()
        sr, sir, sjr, sijr = (d.sum(axis=2) ** 2).sum(), (d.sum(axis=(0, 2)) ** 2).sum(), (d.sum(axis=(1, 2)) ** 2).sum(), d.sum() ** 2
        pairs = n0 * n1 * r
        m1 = s / pairs
        m2 = (si - s) / (pairs * (n0 - 1))
        m3 = (sj - s) / (pairs * (n1 - 1))
        m4 = (sij - si - sj + s) / (pairs * (n0 - 1) * (n1 - 1))
        m5 = (sr - s) / (pairs * (r - 1))
        m6 = (sir - si - sr + s) / (pairs * (n0 - 1) * (r - 1))
        m7 = (sjr - sj - sr + s) / (pairs * (n1 - 1) * (r - 1))
        m8 = (sijr - sij - sir - sjr + si + sj + sr - s) / (pairs * (n0 - 1) * (n1 - 1) * (r - 1))
        within = (m1 + (n0 - 1) * m2 + (n1 - 1) * m3 + (n0 - 1) * (n1 - 1) * m4) / pairs
        across = (r - 1) * (m5 + (n0 - 1) * m6 + (n1 - 1) * m7 + (n0 - 1) * (n1 - 1) * m8) / pairs
        variance += within + across - m8
    return float(np.sqrt(variance)) / len(study)


cases = []
for groups, readers, malignant, benign in [(2, 3, 20, 30), (3, 4, 18, 22), (4, 2, 15, 25)]:
    study = simulate(groups, readers, malignant, benign)
    cases.append(
        {
            "groups": [{"labels": g["labels"].tolist(), "ratings": g["ratings"].astype(int).tolist()} for g in study],
            "expected": analyse(study),
            "oneShotStandardError": one_shot(study),
        }
    )
here.joinpath("cases.json").write_text(json.dumps(cases) + "\n")
for one in cases:
    print(one["expected"]["standardError"], one["oneShotStandardError"], one["expected"]["denominatorDf"], one["expected"]["cov2MinusCov3"])
