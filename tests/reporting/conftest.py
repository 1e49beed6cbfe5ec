"""A made-up story that looks like a real one: eight years of days, seeded, better or not."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import numpy as np
import polars as pl
import pytest

from tradewind.core import Decision, Finding, Forecast, Score, Scorecard, stream
from tradewind.core.tables import UTC_TIME
from tradewind.reporting.story import Story

NOW = datetime(2024, 6, 28, 20, tzinfo=UTC)
VOID = {"br", "hr", "img", "input", "link", "meta"}
Tell = Callable[..., Story]
Read = Callable[[str], "Outline"]


@dataclass
class Element:
    """A tag with its attributes, what it is inside of, and all the text in it."""

    tag: str
    attributes: dict[str, str]
    inside: tuple[str, ...]
    text: str = ""


@dataclass
class Outline(HTMLParser):
    """A page as a browser would take it apart; it refuses tags that do not match."""

    elements: list[Element] = field(default_factory=list)
    open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        inside = tuple(element.tag for element in self.open)
        element = Element(tag, {name: value or "" for name, value in attrs}, inside)
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data

    def all(self, tag: str, kind: str = "") -> list[Element]:
        """The elements of a tag, or those of them that have a class."""
        return [
            element
            for element in self.elements
            if element.tag == tag
            and (not kind or kind in element.attributes.get("class", "").split())
        ]


@pytest.fixture
def outline() -> Read:
    """`outline(page)` takes a page apart."""

    def take_apart(page: str) -> Outline:
        parser = Outline()
        parser.feed(page)
        parser.close()
        assert parser.open == [], f"never closed: {[element.tag for element in parser.open]}"
        return parser

    return take_apart


@pytest.fixture
def tell() -> Tell:
    """`tell(better=..., symbols=...)` makes a story; `replace` it to spoil one part."""
    return make_story


def make_story(better: bool = True, symbols: int = 36, seed: int = 7) -> Story:
    rng = stream(seed, "story")
    edge = 1.0 if better else 0.1
    names = [f"EQ{i:03d}" for i in range(symbols)]
    forecast, decision = latest(rng, names, edge)
    return Story(
        card=Scorecard("synthetic equities, 36 symbols, daily", scores(edge, better), FINDINGS),
        better=better,
        verdict=VERDICTS[better],
        forecast=forecast,
        decision=decision,
        reliability=reliability(rng, edge),
        equity=equity(rng, edge),
        skill=folds(rng, edge),
        regimes=regimes(edge),
        regime="high volatility since 3 Mar 2024",
        ceiling=0.0151,
        measured=MEASURED,
        facts=FACTS,
    )


VERDICTS = {
    True: "The model's log loss is 0.42 % below climatology's, and the whole interval is above zero.",
    False: "The interval of the skill reaches below zero: nothing here says that it is not luck.",
}


def scores(edge: float, better: bool) -> tuple[Score, ...]:
    low = 0.0011 if better else -0.0031
    share = "share of climatology's loss"
    return (
        Score("log_loss_skill", 0.0042 * edge, low, 0.0074 * edge + 0.001, share, 0.0),
        Score("brier_skill", 0.0039 * edge, low, 0.0071 * edge + 0.001, share, 0.0),
        Score("calibration_slope", 0.94 * edge, 0.94 * edge - 0.22, 0.94 * edge + 0.24, ""),
        Score("calibration_intercept", 0.004, -0.031, 0.038, "logits"),
        Score("sharpness", 0.0213, 0.0207, 0.0219, "standard deviation"),
        Score(
            "annual_return", 0.112 * edge, 0.112 * edge - 0.08, 0.112 * edge + 0.09, "share", 0.071
        ),
        Score("max_drawdown", -0.183, -0.261, -0.121, "share", -0.312),
        Score("sharpe", 0.91 * edge, 0.91 * edge - 0.6, 0.91 * edge + 0.7, "a year", 0.55),
        Score("turnover", 14.2, 13.1, 15.4, "books a year", 1.0),
        Score("costs_bps", 71.4, 65.2, 77.9, "bps a year", 5.0),
    )


def latest(rng: np.random.Generator, names: list[str], edge: float) -> tuple[Forecast, Decision]:
    up = 1 / (1 + np.exp(-rng.normal(0.07, 0.09 * edge + 0.01, len(names))))
    rows = pl.DataFrame(
        {"symbol": names, "at": NOW, "horizon": 5, "probabilities": np.column_stack([1 - up, up])},
        schema_overrides={"symbol": pl.Enum(names)},
    )
    forecast = Forecast.of(rows, model="trees", target="up", unit="", classes=("down", "up"))
    weights = np.maximum(up - 0.52, 0)
    weights /= max(weights.sum(), 1e-9)
    decision = Decision.of(forecast.table, weights, by="allocator", why="p(up) above the base rate")
    capped = decision.revised(np.minimum(weights, 0.1), by="cap", why="at most 10 % in one symbol")
    calibrated = forecast.with_probabilities(forecast.table["probabilities"].to_numpy(), True)
    return calibrated, capped


def reliability(rng: np.random.Generator, edge: float) -> pl.DataFrame:
    said = np.linspace(0.475, 0.565, 10)
    parts = []
    for which, sure in (("calibrated", 1.0), ("raw", 0.45)):
        true = 0.52 + (said - 0.52) * edge
        came = true + rng.normal(0, 0.006, 10)
        rows = np.round(9000 * np.exp(-(((said - 0.52) / 0.025) ** 2))) + 300
        half = 1.96 * np.sqrt(came * (1 - came) / rows) * 1.4
        bins = {"predicted": 0.52 + (said - 0.52) / sure, "observed": came, "rows": rows}
        bins |= {"low": came - half, "high": came + half}
        parts.append(pl.DataFrame(bins).select(pl.lit(which).alias("which"), pl.all()))
    return pl.concat(parts)


def equity(rng: np.random.Generator, edge: float, days: int = 2016) -> pl.DataFrame:
    common = rng.normal(0.0002, 0.0085, days)
    own = rng.normal(0.0002 * edge - 0.0001, 0.003, days)
    at = NOW - timedelta(days=days * 1.45)
    model, baseline = np.exp((0.8 * common + own).cumsum()), np.exp(common.cumsum())
    return pl.DataFrame(
        {
            "at": [at + timedelta(days=1.45) * i for i in range(days)],
            "model": model / model[0],
            "baseline": baseline / baseline[0],
        },
        schema_overrides={"at": UTC_TIME},
    )


def folds(rng: np.random.Generator, edge: float, number: int = 16) -> pl.DataFrame:
    skill = 0.0042 * edge + rng.normal(0, 0.003, number)
    return pl.DataFrame(
        {
            "fold": range(number),
            "valid_from": [NOW - timedelta(days=182 * (number - i)) for i in range(number)],
            "skill": skill,
            "low": skill - 0.004,
            "high": skill + 0.0045,
        },
        schema_overrides={"valid_from": UTC_TIME},
    )


def regimes(edge: float) -> pl.DataFrame:
    names = ("low_vol", "normal", "high_vol")
    skill = [0.003 * edge, 0.004 * edge, 0.006 * edge]
    return pl.DataFrame(
        {
            "regime": names,
            "share": [0.3, 0.5, 0.2],
            "rows": [9000.0, 15000.0, 6000.0],
            "skill": skill,
            "low": [one - 0.002 for one in skill],
            "high": [one + 0.003 for one in skill],
        }
    )


FINDINGS = (
    Finding(
        "stamps.session", "info", "XNYS", "dates are sessions of XNYS, complete at its close",
        "declare another calendar if that is not so",
    ),
    Finding(
        "quality.spike", "warning", "EQ017, 2021-03-04",
        "the close moved 41 % and came back the next day", "quarantined: the bar was left out",
    ),
    Finding(
        "calibration.few_rows", "warning", "fold 0",
        "fitted on 812 rows; the shrinkage to the base rate did most of the work",
        "give it a longer history, or read its first fold with care",
    ),
)  # fmt: skip
MEASURED = (
    (
        "Data",
        "a made market of 36 equities over 2,520 days, with a planted signal of known strength.",
    ),
    (
        "Split",
        "walk-forward in 16 folds; each model is fitted on what was resolved before its fold.",
    ),
    ("Purge", "a training label that reaches into a fold is left out, and 5 bars after it."),
    ("Intervals", "95 %, stationary bootstrap; the block length is chosen on each series."),
    ("Costs", "5 bps of what is traded, at the open of the next bar."),
    ("Trials", "1 configuration was fitted, 16 times; nothing was chosen by its score."),
)
FACTS = {
    "run id": "20240628-7f3a",
    "seed": "7",
    "version": "0.1.0",
    "rows": "90,720",
    "symbols": "36",
    "span": "2014-06-30 to 2024-06-28",
    "data sha256": "9f2c4e1b7ad0835c66f1e2a4b8d97c53102fe6ab44c9d8e7f6a5b4c3d2e1f09a",
    "elapsed": "market 0.8 s, features 1.1 s, walk-forward 14.2 s, replay 3.9 s, page 0.2 s",
}
