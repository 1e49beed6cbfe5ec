"""Which option belongs to which kind of source: one that does not is refused rather than forgotten."""

from collections.abc import Mapping

FILES = ("csv", "parquet", "sqlite")
PROVIDERS = ("alpha-vantage", "fred", "bls")

BELONGS: Mapping[str, tuple[str, ...]] = {
    "--stamps": FILES,
    "--bar": FILES,
    "--tz": FILES,
    "--symbol": FILES,
    "--column": ("csv", "parquet"),
    "--table": ("csv", "parquet"),
    "--kind": ("alpha-vantage",),
    "--interval": ("alpha-vantage",),
    "--series": ("alpha-vantage",),
    "--from": ("alpha-vantage", "bls"),
    "--no-vintages": ("fred",),
    "--key-file": PROVIDERS,
    "--url": PROVIDERS,
}
NOT_WITH_SERIES = ("SOURCE", "--kind", "--from")


def require_belonging(kind: str, given: Mapping[str, object]) -> None:
    """Refuse an option of another kind, and say whose it is.

    >>> require_belonging("fred", {"--url": "http://localhost:8000", "--tz": None})
    >>> require_belonging("fred", {"--tz": "UTC"})
    Traceback (most recent call last):
    tradewind.core.errors.BadConfig: --tz UTC is of csv, parquet and sqlite, and this is fred: drop it
    """
    from tradewind.core.errors import BadConfig

    for name, value in _said(given).items():
        owners = BELONGS.get(name, (kind,))
        if kind not in owners:
            told = name if value is True else f"{name} {value}"
            whose = " and ".join([", ".join(owners[:-1]), owners[-1]] if owners[1:] else owners)
            raise BadConfig(f"{told} is of {whose}, and this is {kind}", "drop it")


def require_source(kind: str, given: Mapping[str, object]) -> str:
    """What is read or asked for: the source, or the series in its place, but never both.

    >>> require_source("alpha-vantage", {"SOURCE": "AAPL"})
    'AAPL'
    >>> require_source("alpha-vantage", {"SOURCE": "AAPL", "--series": "CPI"})
    Traceback (most recent call last):
    tradewind.core.errors.BadConfig: --series CPI came with SOURCE AAPL, and series keep another ...
    >>> require_source("csv", {})
    Traceback (most recent call last):
    tradewind.core.errors.BadConfig: nothing says what is to be read: write tradewind ingest csv SOURCE
    """
    from tradewind.core.errors import BadConfig

    said = _said(given)
    source, series = said.get("SOURCE"), said.get("--series")
    if series is None and source is None:
        raise BadConfig("nothing says what is to be read", f"write tradewind ingest {kind} SOURCE")
    for name in NOT_WITH_SERIES:
        if series is not None and name in said:
            raise BadConfig(
                f"--series {series} came with {name} {said[name]}, and series keep another calendar",
                "ask for bars and for series in two runs",
            )
    return str(series if source is None else source)


def _said(given: Mapping[str, object]) -> Mapping[str, object]:
    """What was really given: neither left open nor a flag that is down."""
    return {name: value for name, value in given.items() if value not in (None, False)}
