"""Too good to be true: results that daily prices do not give, and the features to look at first."""

from collections.abc import Sequence

import numpy as np

from tradewind.core import Dataset, Finding, Score
from tradewind.core.arrays import Flags, Floats

PLAUSIBLE_SKILL = 0.03
PLAUSIBLE_AREA = 0.60
PLAUSIBLE_SHARPE = 3.5


def too_good(skill: Score, rows: Dataset, foreign: Sequence[str]) -> tuple[Finding, ...]:
    """An error where skill is beyond what honest features show, naming the columns that know too much.

    A correlation of a quarter with the next return, which nobody has, removes about 3 % of the log loss.

    Where no `foreign` column (one that came with the data) knows that much, it is a warning: prices that
    are smoothed or stale, as of property, foretell themselves.

    >>> too_good(Score("log_loss_skill", 0.004, 0.001, 0.007, ""), None, ())
    ()
    """
    if skill.low is None or skill.low < PLAUSIBLE_SKILL:
        return ()
    areas = {name: area(rows, name) for name in rows.features}
    strong = [(name, of) for name, of in _strongest(areas) if of > PLAUSIBLE_AREA]
    known = [f"{name} ({of:.2f})" for name, of in strong]
    guilty = any(name.removeprefix("rank_") in foreign for name, _ in strong)
    return (
        Finding(
            "evaluation.too_good",
            "error" if guilty else "warning",
            ", ".join(known) or "the features together",
            f"the model removes {skill.value:.1%} of the loss, and nobody's honest model of returns "
            f"removes {PLAUSIBLE_SKILL:.0%}: something here knows the future, or the prices could not be "
            "traded",
            "look at how these columns are made; drop what was not known at the time",
        ),
    )


def too_rich(sharpe: Score, rows: Dataset) -> tuple[Finding, ...]:
    """An error where the lower end of a Sharpe ratio after costs is beyond what anybody keeps, naming
    the features that know most.

    >>> too_rich(Score("sharpe", 2.0, 0.5, 3.5, "a year"), None)
    ()
    """
    if sharpe.low is None or sharpe.low < PLAUSIBLE_SHARPE:
        return ()
    areas = {name: area(rows, name) for name in rows.features}
    return (
        Finding(
            "evaluation.too_rich",
            "error",
            ", ".join(f"{name} ({of:.2f})" for name, of in _strongest(areas)),
            f"a Sharpe ratio of {sharpe.value:.1f} after costs, surely above {PLAUSIBLE_SHARPE}, is "
            "nobody's: fills or features know the future",
            "look at how the columns are made, and whether the prices could be traded",
        ),
    )


def area(rows: Dataset, feature: str) -> float:
    """How well one feature ranks rises above falls, either way round: 0.5 is not at all, 1 is wholly."""
    values = rows.table[feature].cast(float).to_numpy()
    outcomes = rows.outcomes
    seen = ~np.isnan(values) & ~np.isnan(outcomes)
    share = ranking_area(values[seen], outcomes[seen] > 0.5)
    return max(share, 1 - share)


def ranking_area(values: Floats, up: Flags) -> float:
    """The share of pairs, one up and one not, in which the one that is up has the larger value.

    >>> ranking_area(np.array([1.0, 2.0, 3.0]), np.array([False, True, True]))
    1.0
    """
    if not up.any() or up.all():
        return 0.5
    won = _ranks(values)[up].sum() - up.sum() * (up.sum() + 1) / 2
    return float(won / (up.sum() * (~up).sum()))


def _ranks(values: Floats) -> Floats:
    """Ranks from 1, ties sharing their mean."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2)[place])


def _strongest(areas: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(areas.items(), key=lambda item: -item[1])[:3]
