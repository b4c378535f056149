"""Writes cases.json: Clopper–Pearson and Wilson intervals by scipy, checked against statsmodels."""
import json
from pathlib import Path

from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint

cases = []
for successes, trials in [(0, 1), (1, 1), (0, 20), (20, 20), (1, 20), (7, 20), (19, 20), (261, 262), (1450, 1451), (1027, 1035), (502, 506), (3, 10000), (5000, 10000)]:
    for confidence in (0.9, 0.95, 0.99):
        test = binomtest(successes, trials)
        entry = {"successes": successes, "trials": trials, "confidence": confidence}
        for key, scipy_name, statsmodels_name in (("clopperPearson", "exact", "beta"), ("wilson", "wilson", "wilson")):
            interval = test.proportion_ci(confidence, method=scipy_name)
            lower, upper = proportion_confint(successes, trials, alpha=1 - confidence, method=statsmodels_name)
            lower, upper = max(0.0, float(lower)), min(1.0, float(upper))
            if key == "clopperPearson":
                lower = 0.0 if successes == 0 else lower
                upper = 1.0 if successes == trials else upper
            assert abs(lower - interval.low) < 1e-9 and abs(upper - interval.high) < 1e-9, (entry, lower, upper, interval)
            entry[key] = {"lower": float(interval.low), "upper": float(interval.high)}
        cases.append(entry)
Path(__file__).with_name("cases.json").write_text(json.dumps(cases, indent=1) + "\n")
