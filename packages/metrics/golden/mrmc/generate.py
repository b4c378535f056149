"""Writes cases.json: DBM analysis of jackknife pseudovalues of the Van Dyke and Franken studies (by Hillis' equivalence the
Obuchowski-Rockette results), DeLong's covariance by its definition, and the published output of OR-DBM MRMC 2.51."""
import json
from pathlib import Path

import numpy as np
from scipy import stats

here = Path(__file__).parent
studies = json.loads((here / "studies.json").read_text())


def concordance(x, y):
    return (x[:, None] > y[None, :]) + 0.5 * (x[:, None] == y[None, :])


def auc(labels, ratings):
    return float(concordance(ratings[labels == 1], ratings[labels == 0]).mean())


def sensitivity(labels, ratings):
    return float((ratings[labels == 1] >= 4).mean())


def pseudovalues(figure, labels, ratings):
    """Shape [T][R][K]: K theta - (K-1) theta without case k."""
    count = len(labels)
    keep = [np.arange(count) != k for k in range(count)]
    return np.array([[[count * figure(labels, row) - (count - 1) * figure(labels[k], row[k]) for k in keep] for row in rows] for rows in ratings])


def anova(y):
    """Mean squares of the three-way table without replication, by marginal means."""
    t, r, k = y.shape
    m = lambda *axes: y.mean(axis=axes, keepdims=True)
    e = {
        "T": m(1, 2) - m(0, 1, 2), "R": m(0, 2) - m(0, 1, 2), "C": m(0, 1) - m(0, 1, 2),
        "TR": m(2) - m(1, 2) - m(0, 2) + m(0, 1, 2), "TC": m(1) - m(1, 2) - m(0, 1) + m(0, 1, 2),
        "RC": m(0) - m(0, 2) - m(0, 1) + m(0, 1, 2),
    }
    e["TRC"] = y - m(0, 1, 2) - sum(e.values())
    size = {"T": t, "R": r, "C": k}
    return {n: float((np.broadcast_to(v, y.shape) ** 2).sum() / np.prod([size[f] - 1 for f in n])) for n, v in e.items()}


def two_sided(value, se, df):
    reach = stats.t.ppf(0.975, df) * se
    return {"value": value, "standardError": se, "lower": value - reach, "upper": value + reach, "pValue": 2 * stats.t.sf(abs(value / se), df)}


def dbm(labels, ratings, figure):
    y = pseudovalues(figure, labels, ratings)
    values = np.array([[figure(labels, row) for row in rows] for rows in ratings])
    t, r, k = y.shape
    y += (values - y.mean(axis=2))[:, :, None]  # normalised pseudovalues: their mean is the figure itself
    ms = anova(y)
    c = {
        "TRC": ms["TRC"], "RC": (ms["RC"] - ms["TRC"]) / t, "TC": (ms["TC"] - ms["TRC"]) / r,
        "TR": (ms["TR"] - ms["TRC"]) / k,
        "C": (ms["C"] - ms["TC"] - ms["RC"] + ms["TRC"]) / (t * r),
        "R": (ms["R"] - ms["TR"] - ms["RC"] + ms["TRC"]) / (t * k),
    }
    difference = float(values[0].mean() - values[1].mean())
    term = ms["TR"] + max(ms["TC"] - ms["TRC"], 0)
    ddf = (term / ms["TR"]) ** 2 * (t - 1) * (r - 1)
    f = ms["T"] / term
    # The reader's own cases decide when the readers are fixed: Var(e) - Cov1 + (r-1) max(Cov2-Cov3, 0), times K.
    fixed = c["TRC"] + c["TC"] + (r - 1) * max(c["TC"], 0)
    chi = (t - 1) * ms["T"] / fixed
    single, single_fixed, single_cases = [], [], []
    for i in range(t):
        one = anova(np.stack([y[i], y[i]]))
        m_r, m_c, m_rc = one["R"] / 2, one["C"] / 2, one["RC"] / 2
        both = m_r + max(m_c - m_rc, 0)
        mean = float(values[i].mean())
        single.append({**two_sided(mean, (both / (r * k)) ** 0.5, (both / m_r) ** 2 * (r - 1)), "df": (both / m_r) ** 2 * (r - 1)})
        error = m_rc + (m_c - m_rc) / r
        single_fixed.append(two_sided(mean, ((error + (r - 1) * max((m_c - m_rc) / r, 0)) / (r * k)) ** 0.5, np.inf))
        single_cases.append(two_sided(mean, (m_r / (r * k)) ** 0.5, r - 1))
    by_reader = []
    for j in range(r):
        pair = np.cov(y[:, j, :]) / k
        by_reader.append({"error": float(np.trace(pair) / 2), "cov1": float(pair[0, 1]), **two_sided(float(values[0, j] - values[1, j]), float((pair[0, 0] + pair[1, 1] - 2 * pair[0, 1]) ** 0.5), np.inf)})
    return {
        "values": values.tolist(),
        "meanSquares": {"condition": ms["T"] / k, "reader": ms["R"] / k, "conditionReader": ms["TR"] / k},
        "components": {
            "reader": c["R"], "conditionReader": c["TR"], "error": (c["C"] + c["TC"] + c["RC"] + c["TRC"]) / k,
            "cov1": (c["C"] + c["RC"]) / k, "cov2": (c["C"] + c["TC"]) / k, "cov3": c["C"] / k,
        },
        "both": {"statistic": f, "denominatorDf": ddf, "pValue": float(stats.f.sf(f, t - 1, ddf)), "difference": two_sided(difference, (2 * term / (r * k)) ** 0.5, ddf), "conditions": single},
        "fixedReaders": {"statistic": chi, "pValue": float(stats.chi2.sf(chi, t - 1)), "difference": two_sided(difference, (2 * fixed / (r * k)) ** 0.5, np.inf), "conditions": single_fixed},
        "fixedCases": {"statistic": ms["T"] / ms["TR"], "pValue": float(stats.f.sf(ms["T"] / ms["TR"], t - 1, (t - 1) * (r - 1))), "difference": two_sided(difference, (2 * ms["TR"] / (r * k)) ** 0.5, (t - 1) * (r - 1)), "conditions": single_cases},
        "byReader": by_reader,
    }


def delong(labels, ratings):
    cells = [row for rows in ratings for row in rows]
    psi = [concordance(row[labels == 1], row[labels == 0]) for row in cells]
    v10, v01 = np.array([p.mean(axis=1) for p in psi]), np.array([p.mean(axis=0) for p in psi])
    return np.cov(v10) / v10.shape[1] + np.cov(v01) / v01.shape[1]


def hits(labels, ratings):
    return np.cov(np.array([(row[labels == 1] >= 4).astype(float) for rows in ratings for row in rows])) / (labels == 1).sum()


# OR-DBM MRMC 2.51 build 20181028 (Schartz, Hillis, Pesce & Berbaum, University of Iowa), trapezoidal area, jackknife.
published = {
    "vanDyke": {
        "values": [[0.91964573, 0.85877617, 0.90386473, 0.97310789, 0.82979066], [0.94782609, 0.90531401, 0.92173913, 0.99935588, 0.92995169]],
        "meanSquares": {"condition": 0.00479617, "reader": 0.00383620, "conditionReader": 0.00055103},
        "components": {"reader": 0.00153500, "conditionReader": 0.00020040, "cov1": 0.00034661, "cov2": 0.00034407, "cov3": 0.00023903, "error": 0.00080229},
        "both": {"statistic": "4.46", "denominatorDf": "15.26", "pValue": "0.0517", "difference": ["-0.04380", "0.02075", "-0.08796", "0.00036"], "conditions": [["0.89703704", "0.03317360", "12.74", "0.82522360", "0.96885048"], ["0.94083736", "0.02156637", "12.71", "0.89413783", "0.98753689"]]},
        "fixedReaders": {"statistic": "5.47595", "pValue": "0.0193", "difference": ["-0.04380", "0.01872", "-0.08049", "-0.00711"], "conditions": [["0.89703704", "0.02428971", "0.84943008", "0.94464399"], ["0.94083736", "0.01677632", "0.90795637", "0.97371835"]]},
        "fixedCases": {"statistic": "8.70", "pValue": "0.0420", "difference": ["-0.04380", "0.01485", "-0.08502", "-0.00258"], "conditions": [["0.89703704", "0.02482994", "0.82809808", "0.96597599"], ["0.94083736", "0.01615303", "0.89598936", "0.98568536"]]},
        "byReader": [["-0.02818", "0.02551", "-1.10", "0.2693", "-0.07818", "0.02182"], ["-0.04654", "0.02630", "-1.77", "0.0768", "-0.09809", "0.00501"], ["-0.01787", "0.03121", "-0.57", "0.5668", "-0.07904", "0.04330"], ["-0.02625", "0.01729", "-1.52", "0.1290", "-0.06014", "0.00764"], ["-0.10016", "0.04406", "-2.27", "0.0230", "-0.18651", "-0.01381"]],
    },
    "franken": {
        "values": [[0.85345997, 0.86499322, 0.85730439, 0.81524197], [0.84961556, 0.84350972, 0.84011759, 0.81433740]],
        "meanSquares": {"condition": 0.00023565, "reader": 0.00068406, "conditionReader": 0.00005020},
        "components": {"reader": 0.00003776, "conditionReader": -0.00071276, "cov1": 0.00079168, "cov2": 0.00048364, "cov3": 0.00051251, "error": 0.00152578},
        "both": {"statistic": "4.69", "denominatorDf": "3.00", "pValue": "0.1188", "difference": ["0.01085", "0.00501", "-0.00509", "0.02680"], "conditions": [["0.84774989", "0.02440215", "70.12", "0.79908282", "0.89641696"], ["0.83689507", "0.02356642", "253.64", "0.79048429", "0.88330585"]]},
        "fixedReaders": {"statistic": "0.32101", "pValue": "0.5710", "difference": ["0.01085", "0.01916", "-0.02670", "0.04840"], "conditions": [["0.84774989", "0.02710939", "0.79461647", "0.90088331"], ["0.83689507", "0.02744860", "0.78309680", "0.89069334"]]},
        "fixedCases": {"statistic": "4.69", "pValue": "0.1188", "difference": ["0.01085", "0.00501", "-0.00509", "0.02680"], "conditions": [["0.84774989", "0.01109801", "0.81243106", "0.88306871"], ["0.83689507", "0.00777173", "0.81216196", "0.86162818"]]},
        "byReader": [["0.00384", "0.04279", "0.09", "0.9284", "-0.08003", "0.08772"], ["0.02148", "0.04007", "0.54", "0.5919", "-0.05705", "0.10002"], ["0.01719", "0.03499", "0.49", "0.6233", "-0.05140", "0.08577"], ["0.00090", "0.03481", "0.03", "0.9793", "-0.06731", "0.06912"]],
    },
}

out = []
for name, study in studies.items():
    labels = np.array([int(v) for v in study["labels"]])
    ratings = np.array([[[int(v) for v in row] for row in rows] for rows in study["ratings"]])
    result = dbm(labels, ratings, auc)
    for key, value in published[name]["components"].items():
        assert round(result["components"][key], 8) == value, (name, key, result["components"][key], value)
    diseased = labels == 1
    out.append(
        {
            "name": name,
            "published": published[name],
            "auc": result,
            "sensitivity": dbm(labels[diseased], ratings[:, :, diseased], sensitivity),
            "delong": delong(labels, ratings).tolist(),
            "sensitivityCovariance": hits(labels, ratings).tolist(),
        }
    )
# Three treatments, the third being the second with its readers rotated: the global test, components and random-reader intervals.
study = studies["vanDyke"]
labels = np.array([int(v) for v in study["labels"]])
ratings = np.array([[[int(v) for v in row] for row in rows] for rows in [*study["ratings"], study["ratings"][1][1:] + study["ratings"][1][:1]]])
result = dbm(labels, ratings, auc)
three = {"meanSquares": result["meanSquares"], "components": result["components"]} | {
    kind: {key: result[kind][key] for key in ("statistic", "pValue", "conditions")} for kind in ("both", "fixedReaders", "fixedCases")
}
three["both"]["denominatorDf"] = result["both"]["denominatorDf"]
(here / "cases.json").write_text(json.dumps({"studies": out, "threeTreatments": three}, indent=1) + "\n")
