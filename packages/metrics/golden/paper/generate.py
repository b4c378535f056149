"""Writes cases.json: figure 10 and table 3 of ASG-MammoNet, with the metrics of eq. 14-19 in exact fractions."""
import json
from fractions import Fraction as F
from pathlib import Path

# Figure 10's caption; for CBIS-DDSM the running text says "only three errors", the caption 2 + 1.
figure10 = {
    "MIAS": dict(truePositives=261, falsePositives=4, trueNegatives=502, falseNegatives=1),
    "CBIS-DDSM": dict(truePositives=1450, falsePositives=2, trueNegatives=1177, falseNegatives=1),
    "INbreast": dict(truePositives=1027, falsePositives=0, trueNegatives=495, falseNegatives=8),
}
# Table 3, means over ten runs, per cent except DIP.
table3 = {
    "MIAS": dict(precision=98.54, recall=99.20, f1=98.87, dip=0.9901, dipSd=0.0047),
    "CBIS-DDSM": dict(precision=99.82, recall=99.78, f1=99.80, dip=0.9980, dipSd=0.0007),
    "INbreast": dict(precision=99.79, recall=99.68, f1=99.73, dip=0.9965, dipSd=0.0025),
}


def metrics(m):
    tp, fp, tn, fn = (F(m[k]) for k in ("truePositives", "falsePositives", "trueNegatives", "falseNegatives"))
    precision, recall = tp / (tp + fp), tp / (tp + fn)
    values = {
        "accuracy": (tp + tn) / (tp + tn + fp + fn),
        "sensitivity": recall,
        "specificity": tn / (tn + fp),
        "precision": precision,
        "negativePredictiveValue": tn / (tn + fn),
        "f1": 2 * precision * recall / (precision + recall),
    }
    out = {key: float(value) for key, value in values.items()}
    out["dip"] = 1 - float(((1 - precision) ** 2 + (1 - recall) ** 2) / 2) ** 0.5
    return out


cases = {
    "figure10": [{"dataset": name, "matrix": matrix, "metrics": metrics(matrix)} for name, matrix in figure10.items()],
    "table3": [{"dataset": name, **row} for name, row in table3.items()],
}
Path(__file__).with_name("cases.json").write_text(json.dumps(cases, indent=1) + "\n")
