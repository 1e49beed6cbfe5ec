"""`retrieve`: the search, the regime it is limited to, and what followed in one line."""

from datetime import datetime

import numpy as np

from tradewind.context.retrieval.query import Query
from tradewind.context.retrieval.retrieved import Aftermath, Neighbour, Retrieved
from tradewind.context.retrieval.weighing import effective, kinship, quantiles, weights
from tradewind.core.errors import BadTable
from tradewind.core.pattern import KEYS, Outcome, Pattern
from tradewind.core.roles import PatternSearch

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
FEWEST = 8  # episodes of one regime; with fewer, others are heard as well
REACH = (1, 4, 16)  # times k that are looked at until k have an outcome at the horizon

Found = tuple[Pattern, Outcome, float]


def retrieve(search: PatternSearch, query: Query) -> Retrieved:
    """The k nearest whose outcome at the horizon had resolved by `as_of`, and what followed them.

    Of a regime with fewer than 8 of them (or k, if that is less) all are kept, and the nearest of any
    regime fill up what is missing; then `widened` is true. It takes as long as the search takes.
    """
    found = _resolved(search, query, query.regime)
    widened = query.regime is not None and len(found) < min(query.k, FEWEST)
    if widened:
        found = _filled_up(found, _resolved(search, query, None), query.k)
    similarity = np.array([alike for _, _, alike in found])
    if not np.isfinite(similarity).all():
        raise BadTable("a similarity that is not a number", "rebuild the index of the library")
    values = np.array([outcome.value for _, outcome, _ in found])
    kin = kinship([one for one, _, _ in found], [outcome for _, outcome, _ in found])
    counted = weights(similarity, kin)
    if not counted.sum() > 0:
        return Retrieved(query, widened=widened)
    counted /= counted.sum()
    return Retrieved(
        query,
        tuple(
            Neighbour(one, alike, outcome, weight)
            for (one, outcome, alike), weight in zip(found, counted.tolist(), strict=True)
        ),
        Aftermath(
            dict(zip(LEVELS, quantiles(values, counted, LEVELS).tolist(), strict=True)),
            mean=float((values * counted).sum()),
            rose=float(counted[values > 0].sum()),
            effective=effective(counted, kin),
            similarity=(float(similarity.min()), float(similarity.max())),
        ),
        widened,
    )


def _resolved(search: PatternSearch, query: Query, regime: str | None) -> list[Found]:
    """The nearest of that regime which have an outcome at the horizon, k at most.

    An episode is found once any of its outcomes has resolved, and this one may not have: then more are
    looked at. The outcome is asked for its own moment here too, whoever searched.
    """
    found: list[Found] = []
    for reach in REACH:
        wanted = reach * query.k
        nearest = search.search(query.vector, wanted, query.as_of, regime)
        known = [(_as_of(one, query.as_of), alike) for one, alike in nearest]
        found = [
            (one, one.followed[query.horizon], float(alike))
            for one, alike in known
            if query.horizon in one.followed
        ]
        if len(found) >= query.k or len(nearest) < wanted:
            break
    return found[: query.k]


def _as_of(pattern: Pattern, when: datetime) -> Pattern:
    """Most often the library has already left out what is not yet known, and a copy is saved."""
    known = all(outcome.resolved_at <= when for outcome in pattern.followed.values())
    return pattern if known else pattern.as_of(when)


def _filled_up(found: list[Found], others: list[Found], k: int) -> list[Found]:
    """These, and the nearest of the others up to k, by similarity."""
    already = {_key(one) for one, _, _ in found}
    more = [one for one in others if _key(one[0]) not in already]
    return sorted(found + more[: k - len(found)], key=lambda one: -one[2])


def _key(pattern: Pattern) -> tuple[object, ...]:
    return tuple(getattr(pattern, name) for name in KEYS)
