"""What each feature of the realised family is; r are log returns, h, l, o, c prices, v volume."""

from tradewind.features.realised.kernel import SPANS
from tradewind.features.realised.limits import STATES
from tradewind.features.realised.volume_profile import TENTHS
from tradewind.features.spec import FeatureSpec, Units

DAY = 1_440
"""The bars that the longest session is taken to have: a day of minutes."""

_Row = tuple[str, str, Units, str, str]
MEASURES: tuple[_Row, ...] = (
    ("rv", "close", "variance", "realised variance", "sum(r^2)"),
    (
        "tsrv",
        "close",
        "variance",
        "realised variance on two scales, free of noise, not below zero",
        "(RV_5 - m / n RV) / (1 - m / n), m = (n - 4) / 5, RV_5 the mean over 5 grids",
    ),
    ("tsrv_floored", "close", "share", "whether that was below zero", "tsrv < 0"),
    ("bpv", "close", "variance", "bipower variation, free of jumps", "pi / 2 n / (n - 1) sum(|r| |r[-1]|)"),
    ("jump", "close", "share", "jumps as a share of the variance", "max(1 - BPV / RV, 0)"),
    (
        "jump_z",
        "close",
        "sd",
        "test for jumps, Normal where there are none",
        "(1 - BPV / RV) / sqrt((pi^2 / 4 + pi - 5) / n max(1, TQ / BPV^2))",
    ),
    ("down", "close", "share", "downward semivariance", "sum(r^2, r < 0) / RV"),
    ("skew", "close", "sd", "realised skewness", "sqrt(n) sum(r^3) / RV^1.5"),
    ("kurtosis", "close", "sd", "realised kurtosis", "n sum(r^4) / RV^2"),
    ("roll", "close", "ratio", "spread by the bounce of returns", "2 sqrt(max(-mean(r r[-1]), 0))"),
    ("amihud", "close volume", "value", "illiquidity", "1e6 mean(|r| / (c v))"),
    ("parkinson", "high low", "variance", "variance by ranges", "sum(log(h / l)^2) / (4 log 2)"),
    (
        "garman_klass",
        "open high low close",
        "variance",
        "variance by ranges and bodies",
        "sum(log(h / l)^2 / 2 - (2 log 2 - 1) log(c / o)^2)",
    ),
    ("corwin_schultz", "high low close", "ratio", "spread by the ranges of two bars", "mean(2 tanh(a / 2))"),
    ("spread", "high low close spread_bps bid ask", "ratio", "quoted spread, else that one", "mean(s)"),
    ("spread_sd", "high low close spread_bps bid ask", "ratio", "how much it moved", "sd(s)"),
)  # fmt: skip
_SPANS = dict(
    zip(
        SPANS,
        (
            ("of the session so far", DAY),
            ("of the last complete session", 2 * DAY),
            ("over 20 bars", 22),
            ("over 60 bars", 62),
        ),
        strict=True,
    )
)
_STATES = dict(
    zip(
        STATES,
        (
            (
                "close low session",
                "short sale restriction after a fall of 10 %",
                "low <= 0.9 close",
            ),
            (
                "high close timestamp",
                "how near the upper price limit",
                "2 (h / ref - 1) / band - 1",
            ),
            ("low close timestamp", "how near the lower price limit", "2 (1 - l / ref) / band - 1"),
            ("high low volume timestamp", "no trade, or the end of a pause", "v = 0"),
        ),
        strict=True,
    )
)

SPECS = (
    *(
        FeatureSpec(
            f"{name}_{span}",
            "realised",
            tuple(inputs.split()),
            lookback,
            units,
            f"{doc}, {where}",
            formula,
        )
        for span, (where, lookback) in _SPANS.items()
        for name, inputs, units, doc, formula in MEASURES
    ),
    *(
        FeatureSpec(
            f"profile_{tenth}",
            "realised",
            ("high", "low", "close", "volume"),
            62,
            "share",
            f"volume in tenth {tenth} of the range of 60 bars, from the lowest",
            "sum(v in tenth) / sum(v)",
        )
        for tenth in range(1, TENTHS + 1)
    ),
    *(
        FeatureSpec(name, "realised", tuple(inputs.split()), 3 * DAY, "share", doc, formula)
        for name, (inputs, doc, formula) in _STATES.items()
    ),
)
