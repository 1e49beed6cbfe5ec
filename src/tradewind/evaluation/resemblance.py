"""Is the past that resembles now worth asking? What followed it, against what followed everything."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

import numpy as np

from tradewind.core import Pattern, Rng, Score
from tradewind.core.arrays import Floats
from tradewind.core.clock import micros_of
from tradewind.core.errors import Misuse
from tradewind.core.roles import PatternSearch
from tradewind.evaluation.metrics import crps
from tradewind.evaluation.scoring import skill

Ask = Callable[
    [Pattern], tuple[Floats, Floats]
]  # outcomes and their weights; empty: nothing is said
FEWEST = 30  # outcomes that a climatology begins with


def asking(search: PatternSearch, horizon: timedelta, k: int = 64) -> Ask:
    """A search as what it says of an episode: the outcomes of the k nearest, as similar as they are."""

    def ask(episode: Pattern) -> tuple[Floats, Floats]:
        nearest = search.search(episode.embedding, k, episode.known_at)
        known = [
            (one.followed[horizon].value, alike)
            for one, alike in nearest
            if alike > 0 and horizon in one.as_of(episode.known_at).followed
        ]
        values, weights = np.array(known, dtype=np.float64).reshape(-1, 2).T
        return values, weights

    return ask


def retrieval_scores(
    ask: Ask, queries: Iterable[Pattern], past: Iterable[Pattern], horizon: timedelta, rng: Rng
) -> tuple[Score, ...]:
    """The CRPS that is saved by asking, of what it would be by climatology, and how often there was an
    answer.

    Walk-forward: each query is asked when it was known, and climatology is every outcome of the `past`
    that had resolved by then, each counting once. Where nothing is said climatology speaks, as it would
    where the answer is used. An answer of few episodes pays for being few: what is scored is what is
    said, not what it would tend to with more of them.
    """
    rows = [
        (micros_of(one.known_at), *_losses(ask(one), everything, one.followed[horizon].value))
        for one, everything in _walk(queries, past, horizon)
    ]
    if not rows:
        raise Misuse(
            f"no query has an outcome within {horizon} and {FEWEST} of them resolved before it",
            "give a longer past, or a shorter horizon",
        )
    moments, answered, said, usual = np.array(rows, dtype=np.float64).T
    return (
        skill("crps_skill", said, usual, moments.astype(np.int64), rng),
        Score("answered", float(answered.mean()), None, None, f"of {len(rows)} queries"),
    )


def _walk(
    queries: Iterable[Pattern], past: Iterable[Pattern], horizon: timedelta
) -> Iterator[tuple[Pattern, Floats]]:
    """Each query in the order of time, with all outcomes that had resolved when it was known, ascending."""
    outcomes = [one.followed[horizon] for one in past if horizon in one.followed]
    resolved = np.array([micros_of(one.resolved_at) for one in outcomes], dtype=np.int64)
    order = np.argsort(resolved, kind="stable")
    resolved, values = resolved[order], np.array([one.value for one in outcomes])[order]
    everything, counted = values[:0], 0
    for one in sorted(queries, key=lambda query: query.known_at):
        known = int(np.searchsorted(resolved, micros_of(one.known_at), side="right"))
        fresh, counted = np.sort(values[counted:known]), known
        everything = np.insert(everything, np.searchsorted(everything, fresh), fresh)
        if horizon in one.followed and known >= FEWEST:
            yield one, everything


def _losses(
    said: tuple[Floats, Floats], everything: Floats, outcome: float
) -> tuple[bool, float, float]:
    """Whether there was an answer, its CRPS, and climatology's."""
    usual = crps(everything, np.ones_like(everything), outcome)
    values, weights = said
    return (True, crps(values, weights, outcome), usual) if len(values) else (False, usual, usual)
