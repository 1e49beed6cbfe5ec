"""The realised measures as their formulas read, by numpy on a whole path: what ours are held to."""

import math

import numpy as np

from tradewind.core.arrays import Floats


def by_definition(r: Floats, grids: int) -> dict[str, float]:
    """Of returns, with two scales over so many grids."""
    n, rv = len(r), (r**2).sum()
    p, size = np.concatenate([[0], r.cumsum()]), np.abs(r)
    averaged = np.mean([(np.diff(p[start::grids]) ** 2).sum() for start in range(grids)])
    share = (n - grids + 1) / grids / n
    two_scales = (averaged - share * rv) / (1 - share)
    bpv = math.pi / 2 * n / (n - 1) * (size[1:] * size[:-1]).sum()
    mu = 2 ** (2 / 3) * math.gamma(7 / 6) / math.gamma(1 / 2)
    cubed = size ** (4 / 3)
    tripower = n * mu**-3 * n / (n - 2) * (cubed[2:] * cubed[1:-1] * cubed[:-2]).sum()
    spread = math.sqrt((math.pi**2 / 4 + math.pi - 5) / n * max(1, tripower / bpv**2))
    return {
        "rv": rv,
        "tsrv": max(two_scales, 0),
        "tsrv_floored": float(two_scales < 0),
        "bpv": bpv,
        "jump": max(1 - bpv / rv, 0),
        "jump_z": (1 - bpv / rv) / spread,
        "down": (r[r < 0] ** 2).sum() / rv,
        "skew": math.sqrt(n) * (r**3).sum() / rv**1.5,
        "kurtosis": n * (r**4).sum() / rv**2,
        "roll": 2 * math.sqrt(max(-(r[1:] * r[:-1]).mean(), 0)),
    }
