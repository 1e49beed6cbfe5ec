"""The latest moment, symbol by symbol: what is forecast, what is to be held, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tradewind.reporting.figures import MISSING, percent
from tradewind.reporting.gauges import Spread
from tradewind.reporting.story import Story

EVEN = 0.5  # the middle of the bars when no base rate is known


@dataclass(frozen=True)
class Line:
    """One symbol: its probability as text and as a bar, its weight, and the reasons in their order."""

    symbol: str
    probability: float | None
    said: str
    bar: str
    weight: str
    why: str
    reasons: tuple[str, ...]
    notes: tuple[str, ...]


def spread_of(story: Story) -> Spread:
    """The scale on which all probabilities of this moment are drawn."""
    base = EVEN if story.base_rate is None else story.base_rate
    return Spread.of(story.forecast.probability("up").tolist(), base)


def lines(story: Story) -> tuple[Line, ...]:
    """Every symbol that is forecast or held, those furthest from the base rate first."""
    said = story.forecast.probability("up").tolist()
    spread = spread_of(story)
    held = {row["symbol"]: row for row in story.decision.table.iter_rows(named=True)}
    several = story.forecast.table["horizon"].n_unique() > 1
    told = []
    for row, probability in zip(story.forecast.table.iter_rows(named=True), said, strict=True):
        name = f"{row['symbol']}, {row['horizon']} bars" if several else row["symbol"]
        told.append(_line(name, probability, spread, held.get(row["symbol"]), _notes(row)))
    unsaid = sorted(set(held) - set(story.forecast.table["symbol"]))
    told += [_line(name, None, spread, held[name], ("no forecast",)) for name in unsaid]
    return tuple(sorted(told, key=lambda line: _closeness(line.probability, spread.base)))


def _closeness(probability: float | None, base: float) -> float:
    return 1.0 if probability is None else -abs(probability - base)


def _line(
    name: str,
    probability: float | None,
    spread: Spread,
    held: Mapping[str, Any] | None,
    notes: tuple[str, ...],
) -> Line:
    reasons = tuple(_reason(reason) for reason in held["reasons"]) if held else ()
    return Line(
        symbol=name,
        probability=probability,
        said=percent(probability),
        bar="" if probability is None else spread.bar(probability),
        weight=percent(held["weight"]) if held else MISSING,
        why=f"{held['reasons'][-1]['by']}: {held['reasons'][-1]['why']}"
        if reasons and held
        else "",
        reasons=reasons,
        notes=notes,
    )


def _reason(reason: Mapping[str, Any]) -> str:
    change = f"{percent(reason['before'])} to {percent(reason['after'])}"
    return f"{reason['by']}: {change}, {reason['why']}"


def _notes(row: Mapping[str, Any]) -> tuple[str, ...]:
    abstains = (f"abstains: {row['reason']}",) if row["abstains"] else ()
    return (*abstains, *(f"without {part}" for part in row["degraded"]))
