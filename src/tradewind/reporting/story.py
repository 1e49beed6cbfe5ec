"""`Story`: everything that one run has to tell a person, before it is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from tradewind.core import Decision, Forecast, Scorecard
from tradewind.core.errors import BadTable, nearest
from tradewind.core.tables import UTC_TIME, by_value, require_columns

Columns = Mapping[str, type[pl.DataType] | pl.DataType]
TABLES: Mapping[str, tuple[Columns, tuple[str, ...]]] = {
    "reliability": ({"which": pl.String}, ("predicted", "observed", "low", "high", "rows")),
    "equity": ({"at": UTC_TIME}, ("model", "baseline")),
    "skill": ({"fold": pl.Int64, "valid_from": UTC_TIME}, ("skill", "low", "high")),
    "resembled": (
        {"symbol": pl.String, "names": pl.List(pl.String)},
        ("similarity", "effective", "low", "median", "high", "rose"),
    ),
    "regimes": ({"regime": pl.String}, ("share", "rows", "skill", "low", "high")),
}


@dataclass(frozen=True, eq=False)
class Story:
    """What a run measured, what it says of the next bars, and what was found on the way.

    `better` is a statement about the lower end of an interval and does not outweigh an error: a story
    whose findings hold one cannot be trusted, however good its scores are.

    >>> from datetime import UTC, datetime
    >>> from tradewind.core import Finding
    >>> rows = pl.DataFrame({"at": [datetime(2024, 1, 2, tzinfo=UTC)], "symbol": ["ACME"],
    ...                      "horizon": [1], "probabilities": [[0.4, 0.6]]})
    >>> forecast = Forecast.of(rows, model="m", target="up", unit="", classes=("down", "up"))
    >>> decision = Decision.of(forecast.table, pl.Series([0.1]).to_numpy(), by="all", why="p(up) 0.6")
    >>> leak = Finding("leak.shift", "error", "feature x", "sees tomorrow", "drop it")
    >>> def told(table):
    ...     keys, figures = TABLES[table]
    ...     return pl.DataFrame(schema={**keys, **dict.fromkeys(figures, pl.Float64)})
    >>> story = Story(Scorecard("toy", (), (leak,)), True, "It is.", forecast, decision,
    ...     told("reliability"), told("equity"), told("skill"), told("regimes"), "", None, (), {"seed": "7"})
    >>> story.better, story.trusted
    (True, False)
    """

    card: Scorecard
    better: bool  # than the baseline, by the lower end of its interval
    verdict: str  # one sentence in plain words: is this result real?
    forecast: Forecast  # the latest moment
    decision: Decision  # the latest moment
    reliability: pl.DataFrame  # which ("calibrated" | "raw"), predicted, observed, low, high, rows
    equity: pl.DataFrame  # at, model, baseline: both start at 1.0
    skill: pl.DataFrame  # fold, valid_from, skill, low, high: the folds of the walk-forward
    regimes: (
        pl.DataFrame
    )  # regime, share of the moments, rows, skill, low, high; empty if none is known
    regime: str  # in words, the regime of the latest moment; empty if none is known
    ceiling: float | None  # the skill of a forecaster that knows the truth, where there is a truth
    measured: tuple[tuple[str, str], ...]  # (what, how)
    facts: Mapping[str, str]  # when, seed, version and run id head the page; all are told
    resembled: pl.DataFrame = field(default_factory=lambda: none_of("resembled"))

    __eq__ = by_value

    def __post_init__(self) -> None:
        self.forecast.probability("up")
        for noun, moments in (
            ("forecast", len(self.forecast.moments)),
            ("decision", self.decision.table["at"].n_unique()),
        ):
            if moments > 1:
                raise BadTable(
                    f"a Story tells of one moment, and its {noun} of {moments}", "give the latest"
                )
        for name, (keys, figures) in TABLES.items():
            require_table(getattr(self, name), f"Story's {name}", keys, figures)
        if strange := sorted(set(self.reliability["which"]) - {"calibrated", "raw"}):
            raise BadTable(f"a Story's reliability tells of {strange[0]!r}", "calibrated or raw")

    @property
    def trusted(self) -> bool:
        """Better than the baseline, with no finding that says the figures cannot be believed."""
        return self.better and self.card.passed

    @property
    def base_rate(self) -> float | None:
        """How often it came true in the rows that were scored: what to say when nothing is known."""
        scored = self.reliability.filter(
            pl.col("observed").is_finite() & (pl.col("rows") > 0), which="calibrated"
        )
        if not len(scored):
            return None
        hits = float((scored["observed"] * scored["rows"]).sum())
        return hits / float(scored["rows"].sum())


def none_of(table: str) -> pl.DataFrame:
    """A table of a story that has nothing to tell."""
    keys, figures = TABLES[table]
    return pl.DataFrame(schema={**keys, **dict.fromkeys(figures, pl.Float64)})


def require_table(table: pl.DataFrame, noun: str, keys: Columns, figures: tuple[str, ...]) -> None:
    """Refuse a table that cannot be drawn; a figure may be missing, a key or a column may not."""
    require_columns(table, noun, keys)
    for name in figures:
        if name not in table.columns:
            raise BadTable(f"a {noun} has no column {name!r}", nearest(name, table.columns))
        if not (table.schema[name].is_numeric() or table.schema[name] == pl.Null):
            raise BadTable(
                f"column {name!r} of a {noun} is {table.schema[name]}", "make it numbers"
            )
