"""What can go wrong, as one tree. The command line turns each branch into its exit code.

TradewindError            anything we foresaw: rule, value and remedy in one sentence
├── Misuse                what was asked for cannot be (exit 2)
│   ├── BadTable          columns, types, order, keys or values of a table
│   ├── BadStamp          a clock, a zone or a calendar that is missing or wrong
│   ├── BadConfig         tradewind.yaml or an option
│   └── MissingExtra      an optional dependency is not installed
├── Refusal               we could, and will not: a gate said no (exit 1)
└── WorkspaceError        the disk, the port or the folder did not do its part (exit 2)
"""

from collections.abc import Iterable
from difflib import get_close_matches

LISTED = 30  # names at most, where none is near


class TradewindError(Exception):
    """A rule that was broken, with the value that broke it, and what to do about it.

    >>> str(TradewindError("weights sum to 1.3, above 1", "cap the gross exposure"))
    'weights sum to 1.3, above 1: cap the gross exposure'
    """

    def __init__(self, rule: str, remedy: str) -> None:
        super().__init__(f"{rule}: {remedy}")
        self.rule = rule
        self.remedy = remedy


class Misuse(TradewindError, ValueError):
    """What was asked for cannot be."""


class BadTable(Misuse):
    """Columns, types, order, keys or values of a table are not what its noun promises."""


class BadStamp(Misuse):
    """A time stamp that cannot say when its row was complete."""


class BadConfig(Misuse):
    """A section, a key or a value of the configuration that nobody understands."""


class MissingExtra(Misuse):
    """An optional dependency is not installed.

    >>> str(MissingExtra("faiss", extra="vectors"))
    "this needs the package 'faiss': pip install 'tradewind[vectors]'"
    """

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"this needs the package {package!r}", f"pip install 'tradewind[{extra}]'")
        self.extra = extra


class Refusal(TradewindError):
    """A gate said no: the work could be done, and should not."""


class WorkspaceError(TradewindError):
    """The disk, the port or the folder did not do its part; nothing is half-written."""


def nearest(name: str, known: Iterable[str]) -> str:
    """The remedy for an unknown name: the one that it begins, or the nearest, or those that there are.

    >>> nearest("equites", ["equities", "fx"]), nearest("kmid", ["KLEN", "KMID2", "KMID"])
    ("did you mean 'equities'?", "did you mean 'KMID'?")
    >>> nearest("RSI", ["RESI5", "rsi_14"])
    "did you mean 'rsi_14'?"
    >>> nearest("zzz", ["equities", "fx"])
    'choose from equities, fx'
    >>> nearest("zzz", (f"x{i}" for i in range(10, 50)))[-20:]
    'x38, x39 and 10 more'
    >>> nearest("zzz", [])
    'there is none to choose from'
    """
    names, asked = sorted(known), name.casefold()
    if not names:
        return "there is none to choose from"
    spelled = {one.casefold(): one for one in names}
    begun = sorted((one for one in spelled if asked and one.startswith(asked)), key=len)
    if close := begun or get_close_matches(asked, spelled, n=1):
        return f"did you mean {spelled[close[0]]!r}?"
    more = f" and {len(names) - LISTED:,} more" if len(names) > LISTED else ""
    return "choose from " + ", ".join(names[:LISTED]) + more
