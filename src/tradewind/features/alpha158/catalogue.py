"""What each feature of the Alpha158 family is, in words and as a formula; n is the window."""

from tradewind.features.alpha158.kernel import WINDOWS
from tradewind.features.spec import FeatureSpec, Units

_OHLC = "open high low close"
_Row = tuple[str, str, Units, str, str]

BARS: tuple[_Row, ...] = (
    ("KMID", _OHLC, "ratio", "body of the bar", "(c - o) / o"),
    ("KLEN", _OHLC, "ratio", "height of the bar", "(h - l) / o"),
    ("KMID2", _OHLC, "share", "body as a share of the height", "(c - o) / (h - l)"),
    ("KUP", _OHLC, "ratio", "upper shadow", "(h - max(o, c)) / o"),
    ("KUP2", _OHLC, "share", "upper shadow, of the height", "(h - max(o, c)) / (h - l)"),
    ("KLOW", _OHLC, "ratio", "lower shadow", "(min(o, c) - l) / o"),
    ("KLOW2", _OHLC, "share", "lower shadow, of the height", "(min(o, c) - l) / (h - l)"),
    ("KSFT", _OHLC, "ratio", "close above the middle of the bar", "(2 c - h - l) / o"),
    ("KSFT2", _OHLC, "share", "the same, of the height", "(2 c - h - l) / (h - l)"),
    ("OPEN0", _OHLC, "ratio", "open against close", "o / c"),
    ("HIGH0", _OHLC, "ratio", "high against close", "h / c"),
    ("LOW0", _OHLC, "ratio", "low against close", "l / c"),
    ("VWAP0", f"{_OHLC} vwap", "ratio", "average traded price against close", "vwap / c"),
)
NOW = f"{_OHLC} volume"
WINDOWED: tuple[_Row, ...] = (
    ("ROC", _OHLC, "ratio", "close n bars ago against now", "c[-n] / c"),
    ("MA", _OHLC, "ratio", "mean close", "mean(c, n) / c"),
    ("STD", _OHLC, "ratio", "spread of closes", "sd(c, n) / c"),
    ("BETA", _OHLC, "ratio", "slope of closes, a bar", "slope(c, n) / c"),
    ("RSQR", _OHLC, "share", "how straight the closes lie", "r2(c, n)"),
    ("RESI", _OHLC, "ratio", "close above the line through the closes", "(c - line(c, n)) / c"),
    ("MAX", _OHLC, "ratio", "highest high", "max(h, n) / c"),
    ("MIN", _OHLC, "ratio", "lowest low", "min(l, n) / c"),
    ("QTLU", _OHLC, "ratio", "close that a fifth lie above", "quantile(c, n, 0.8) / c"),
    ("QTLD", _OHLC, "ratio", "close that a fifth lie below", "quantile(c, n, 0.2) / c"),
    ("RANK", _OHLC, "share", "rank of the close", "rank(c, n) / n"),
    ("RSV", _OHLC, "share", "place in the range", "(c - min(l, n)) / (max(h, n) - min(l, n))"),
    ("IMAX", _OHLC, "share", "place in time of the highest high", "argmax(h, n) / n"),
    ("IMIN", _OHLC, "share", "place in time of the lowest low", "argmin(l, n) / n"),
    ("IMXD", _OHLC, "share", "highest after lowest", "(argmax(h, n) - argmin(l, n)) / n"),
    ("CORR", NOW, "share", "of close and log volume", "corr(c, log(v + 1), n)"),
    ("CORD", NOW, "share", "of their changes", "corr(c / c[-1], log(v / v[-1] + 1), n)"),
    ("CNTP", _OHLC, "share", "bars that rose", "mean(c > c[-1], n)"),
    ("CNTN", _OHLC, "share", "bars that fell", "mean(c < c[-1], n)"),
    ("CNTD", _OHLC, "share", "rises less falls", "CNTP - CNTN"),
    ("SUMP", _OHLC, "share", "of all moves, upwards", "sum(up, n) / sum(|c - c[-1]|, n)"),
    ("SUMN", _OHLC, "share", "of all moves, downwards", "sum(down, n) / sum(|c - c[-1]|, n)"),
    ("SUMD", _OHLC, "share", "the difference", "SUMP - SUMN"),
    ("VMA", "volume", "ratio", "mean volume", "mean(v, n) / v"),
    ("VSTD", "volume", "ratio", "spread of volumes", "sd(v, n) / v"),
    ("WVMA", NOW, "ratio", "spread of moves times volume", "sd(w, n) / mean(w, n), w = |c / c[-1] - 1| v"),
    ("VSUMP", "volume", "share", "of all changes of volume, upwards", "sum(up, n) / sum(|v - v[-1]|, n)"),
    ("VSUMN", "volume", "share", "of all changes of volume, downwards", "sum(down, n) / sum(|v - v[-1]|, n)"),
    ("VSUMD", "volume", "share", "the difference", "VSUMP - VSUMN"),
)  # fmt: skip
ONE_MORE = {"ROC", "CORD", "CNTP", "CNTN", "CNTD", "SUMP", "SUMN", "SUMD", "WVMA", "VSUMP", "VSUMN", "VSUMD"}  # fmt: skip
"""These look at each bar's predecessor too."""

SPECS = (
    *(
        FeatureSpec(name, "alpha158", tuple(inputs.split()), 1, units, doc, formula)
        for name, inputs, units, doc, formula in BARS
    ),
    *(
        FeatureSpec(
            f"{name}{n}",
            "alpha158",
            tuple(inputs.split()),
            n + (name in ONE_MORE),
            units,
            f"{doc}, over {n} bars",
            formula,
        )
        for name, inputs, units, doc, formula in WINDOWED
        for n in WINDOWS
    ),
)
