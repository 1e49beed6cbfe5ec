"""A battery for searches among past episodes: it returns findings, and an empty tuple is a pass."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

import numpy as np

from tradewind.core import Finding, Pattern, Patterns, Rng
from tradewind.core.arrays import Floats
from tradewind.core.errors import TradewindError
from tradewind.core.pattern import KEYS, WIDTH
from tradewind.core.roles import PatternSearch

REMEDY = "let a search see what was known at as_of, and nothing else"
SLACK = 1e-6  # of a cosine between vectors of float32
K = 8
Found = Sequence[tuple[Pattern, float]]


def check_pattern_search(
    keep: Callable[[Patterns], PatternSearch], patterns: Patterns, rng: Rng, moments: int = 6
) -> tuple[Finding, ...]:
    """`keep` makes a search of episodes, none of which may supersede another.

    Of no moment is an episode found that was not known then, or an outcome told that had not resolved;
    the answer is that of a library which ends there. The nearest come first, k of them or all there
    are, of one regime if it is named. What is no direction is refused.

    >>> from datetime import UTC
    >>> from tradewind.core import Outcome, stream
    >>> start, day = datetime(2024, 1, 1, tzinfo=UTC), timedelta(days=1)
    >>> class Forgetful:
    ...     def __init__(self, patterns): self.patterns = [*patterns]
    ...     def search(self, query, k, as_of, regime=None): return [(self.patterns[-1], 1.0)]
    >>> units = np.eye(WIDTH)
    >>> episodes = Patterns.of(Pattern("A", "gap", day, start + i * day, start + (i + 1) * day,
    ...     start + (i + 1) * day, units[i], 0.9, 0, "calm",
    ...     {day: Outcome(0.1, start + (i + 2) * day)}) for i in range(20))
    >>> found = check_pattern_search(Forgetful, episodes, stream(1, "battery"))
    >>> sorted({one.where for one in found})
    ['a cut library', 'as_of', 'bad queries', 'k', 'nearest']
    """
    whole = keep(patterns)
    every = list(patterns)
    known = sorted({one.known_at for one in every})
    chosen = rng.choice(len(known), min(moments, len(known)), replace=False)
    found: list[Finding] = []
    for place in sorted(chosen.tolist()):
        query = every[int(rng.integers(len(every)))].embedding
        found += _at(keep, whole, every, query, known[place])
    last = max(o.resolved_at for one in every for o in one.followed.values())
    found += _bad_queries(whole, last)
    found += _more_than_there_are(whole, every, last)
    return tuple(found)


def _at(
    keep: Callable[[Patterns], PatternSearch],
    whole: PatternSearch,
    every: Sequence[Pattern],
    query: Floats,
    at: datetime,
) -> list[Finding]:
    """Everything that is promised of one moment."""
    seen = [one.as_of(at) for one in every if one.known_at <= at]
    seen = [one for one in seen if one.followed]
    cut = keep(Patterns.of(one.as_of(at) for one in every if one.known_at <= at))
    told: list[Finding] = []
    for regime in (None, *sorted({one.regime for one in every if one.regime})):
        answer = whole.search(query, K, at, regime)
        own = [one for one in seen if regime in (None, one.regime)]
        told += _causal(answer, at)
        told += _nearest(answer, own, query)
        if any(regime not in (None, one.regime) for one, _ in answer):
            told.append(_error("regime", f"of {regime!r} others are found, at {at}"))
        if _keys(cut.search(query, K, at, regime)) != _keys(answer):
            told.append(
                _error("a cut library", f"what is found at {at} changes when it ends there")
            )
    return told


def _causal(answer: Found, at: datetime) -> list[Finding]:
    late = [one for one, _ in answer if one.known_at > at]
    early = [o for one, _ in answer for o in one.followed.values() if o.resolved_at > at]
    silent = [one for one, _ in answer if not one.followed]
    return [
        _error("as_of", f"at {at} {what}")
        for what, wrong in (
            ("an episode is found that was known later", late),
            ("an outcome is told that had not resolved", early),
            ("an episode is found that nothing had followed", silent),
        )
        if wrong
    ]


def _nearest(answer: Found, own: Sequence[Pattern], query: Floats) -> list[Finding]:
    """As many as there are, up to k; as near as the nearest; in their order; with their cosine."""
    told = []
    if len(answer) != min(K, len(own)):
        told.append(_error("k", f"{len(answer)} of {len(own)} are found, and {K} were asked for"))
    near = np.sort([float(one.embedding @ query) for one in own])[::-1][: len(answer)]
    said = np.array([alike for _, alike in answer])
    true = np.array([float(one.embedding @ query) for one, _ in answer])
    if len(near) != len(said) or (abs(near - said) > SLACK).any():
        told.append(_error("nearest", "some that are nearer are not found, or not in their order"))
    elif (abs(true - said) > SLACK).any():
        told.append(_error("nearest", "a similarity is not the cosine"))
    return told


def _bad_queries(whole: PatternSearch, at: datetime) -> list[Finding]:
    """NaN, zeros, another width, and nobody asked for: refused, never answered."""
    nan = np.full(WIDTH, WIDTH**-0.5)
    nan[3] = np.nan
    bad: Iterable[tuple[str, Floats, int]] = (
        ("a query with NaN in it", nan, K),
        ("a query of zeros", np.zeros(WIDTH), K),
        ("a query of another width", np.ones(WIDTH - 1), K),
        ("none asked for", np.ones(WIDTH), 0),
    )
    told = []
    for what, query, k in bad:
        try:
            whole.search(query, k, at)
        except TradewindError:
            continue
        told.append(_error("bad queries", f"{what} is answered"))
    return told


def _more_than_there_are(
    whole: PatternSearch, every: Sequence[Pattern], at: datetime
) -> list[Finding]:
    query = every[0].embedding
    found = whole.search(query, len(every) + 7, at + timedelta(days=1))
    if len({*_keys(found)}) != len(every) or len(found) != len(every):
        return [
            _error("k", f"of {len(every)} episodes {len(found)} are found when all are asked for")
        ]
    return []


def _keys(answer: Found) -> list[tuple[object, ...]]:
    return [(*(getattr(one, name) for name in KEYS), *one.followed) for one, _ in answer]


def _error(where: str, detail: str) -> Finding:
    return Finding("contract.pattern_search", "error", where, detail, REMEDY)
