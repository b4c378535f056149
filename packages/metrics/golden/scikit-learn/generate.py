"""Writes cases.json: binary classification metrics of seeded data by scikit-learn."""
import json
import warnings
from pathlib import Path

import numpy as np
from sklearn import metrics
from sklearn.calibration import calibration_curve

warnings.filterwarnings("ignore")
random = np.random.default_rng(20240611)
BINS = 10


def reliability(labels, scores, strategy):
    observed, mean_score = calibration_curve(labels, scores, n_bins=BINS, strategy=strategy)
    edges = np.linspace(0, 1, BINS + 1) if strategy == "uniform" else np.percentile(scores, np.linspace(0, 1, BINS + 1) * 100)
    counts = np.bincount(np.searchsorted(edges[1:-1], scores), minlength=BINS)
    counts = counts[counts > 0]
    return {
        "meanScore": mean_score.tolist(),
        "observedRate": observed.tolist(),
        "counts": counts.tolist(),
        "expectedCalibrationError": float(np.sum(counts / counts.sum() * np.abs(mean_score - observed))),
    }


def case(name, labels, scores, threshold):
    called = (scores >= threshold).astype(int)
    fpr, tpr, thresholds = metrics.roc_curve(labels, scores, drop_intermediate=False)
    precision, recall, pr_thresholds = metrics.precision_recall_curve(labels, scores)
    tn, fp, fn, tp = metrics.confusion_matrix(labels, called, labels=[0, 1]).ravel().tolist()
    return {
        "name": name,
        "labels": labels.tolist(),
        "scores": scores.tolist(),
        "threshold": threshold,
        "auc": metrics.roc_auc_score(labels, scores),
        "averagePrecision": metrics.average_precision_score(labels, scores),
        "roc": {
            "falsePositiveRate": fpr.tolist(),
            "truePositiveRate": tpr.tolist(),
            "thresholds": thresholds[1:].tolist(),
        },
        "precisionRecall": {
            "precision": precision.tolist(),
            "recall": recall.tolist(),
            "thresholds": pr_thresholds.tolist(),
        },
        "confusion": {"truePositives": tp, "falsePositives": fp, "trueNegatives": tn, "falseNegatives": fn},
        "accuracy": metrics.accuracy_score(labels, called),
        "sensitivity": metrics.recall_score(labels, called),
        "specificity": metrics.recall_score(labels, called, pos_label=0),
        "precision": metrics.precision_score(labels, called),
        "negativePredictiveValue": metrics.precision_score(labels, called, pos_label=0),
        "f1": metrics.f1_score(labels, called),
        "brier": metrics.brier_score_loss(labels, scores) if scores.min() >= 0 and scores.max() <= 1 else None,
        "reliability": {
            "equal-width": reliability(labels, scores, "uniform"),
            "equal-mass": reliability(labels, scores, "quantile"),
        }
        if scores.min() >= 0 and scores.max() <= 1
        else None,
        "quantiles": {str(p): float(np.quantile(scores, p)) for p in (0, 0.025, 0.3, 0.5, 0.975, 1)},
    }


def draw(count, prevalence, separation):
    labels = (random.random(count) < prevalence).astype(int)
    labels[:2] = [0, 1]
    return labels, 1 / (1 + np.exp(-(random.normal(size=count) + separation * (labels - 0.5))))


cases = []
labels, scores = draw(60, 0.5, 1.5)
cases.append(case("balanced, no ties", labels, scores, 0.5))
labels, scores = draw(240, 0.4, 2.0)
cases.append(case("one decimal, many ties", labels, np.round(scores, 1), 0.5))
labels, scores = draw(300, 0.06, 1.0)
cases.append(case("rare malignancy", labels, np.round(scores, 3), 0.4))
labels, scores = draw(80, 0.5, 1.0)
cases.append(case("worse than chance", labels, 1 - scores, 0.6))
labels, scores = draw(80, 0.5, 2.0)
cases.append(case("logit scale", labels, np.log(scores / (1 - scores)), 0.0))
labels = np.array([0, 0, 0, 1, 1, 1, 1])
cases.append(case("perfect separation", labels, np.array([0.1, 0.2, 0.3, 0.7, 0.8, 0.9, 1.0]), 0.5))

Path(__file__).with_name("cases.json").write_text(json.dumps(cases, indent=1) + "\n")
