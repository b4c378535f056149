"""Writes cases.json: normal and beta distribution functions and quantiles by scipy."""
import json
from pathlib import Path

from scipy import special, stats

zs = [-37.0, -12.5, -6.0, -5.7, -5.6, -3.3, -1.96, -0.7, -0.6, -0.1, 0.0, 0.2, 0.675, 1.0, 2.5758, 5.0, 8.0]
ps = [1e-300, 1e-20, 1e-9, 1e-4, 0.001, 0.025, 0.05, 0.07, 0.08, 0.3, 0.5, 0.7, 0.924, 0.93, 0.975, 0.995, 0.999999]
shapes = [(0.5, 0.5), (1, 1), (1, 30), (2, 3.5), (10, 10), (12.25, 4.75), (50, 3), (400, 600), (3, 5000), (20000, 15000)]
betas = []
for a, b in shapes:
    mean, sd = stats.beta.mean(a, b), stats.beta.std(a, b)
    for x in sorted({min(max(mean + k * sd, 1e-6), 1 - 1e-6) for k in (-3, -1, 0, 0.5, 3)}):
        betas.append({"x": float(x), "a": a, "b": b, "value": float(special.betainc(a, b, x))})
quantiles = [
    {"p": p, "a": a, "b": b, "value": float(special.betaincinv(a, b, p))}
    for a, b in shapes
    for p in (0.005, 0.025, 0.5, 0.9)
]
out = {
    "normalCdf": [{"z": z, "value": float(special.ndtr(z))} for z in zs],
    "normalQuantile": [{"p": p, "value": float(special.ndtri(p))} for p in ps],
    "regularisedIncompleteBeta": betas,
    "betaQuantile": quantiles,
}
Path(__file__).with_name("cases.json").write_text(json.dumps(out, indent=1) + "\n")
