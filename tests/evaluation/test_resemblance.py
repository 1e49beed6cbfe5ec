"""Retrieval is worth something where episodes recur, and does not pretend to where they do not."""

from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import pytest

from tests.context.retrieval.toy_search import ToySearch
from tradewind.context.retrieval import Query, retrieve
from tradewind.core import Market, Outcome, Pattern, Score, stream
from tradewind.core.errors import Misuse
from tradewind.core.pattern import WIDTH
from tradewind.data.synthetic import Episodes, make_market
from tradewind.evaluation.resemblance import Ask, asking, retrieval_scores

SPAN, AHEAD = 40, 10  # bars of a window, and after it
HORIZON = timedelta(days=AHEAD)


def windows(market: Market) -> list[Pattern]:
    """The standardised path of the last bars where an episode ends, and at as many other moments."""
    found = []
    for (symbol,), rows in market.panel.table.group_by("symbol", maintain_order=True):
        stamps, level = rows["timestamp"].to_list(), np.log(rows["close"].to_numpy())
        for end in ends_of(market, symbol, stamps):
            shape = np.interp(
                np.linspace(0, SPAN, WIDTH), np.arange(SPAN + 1), level[end - SPAN : end + 1]
            )
            shape -= shape.mean()
            followed = Outcome(float(level[end + AHEAD] - level[end]), stamps[end + AHEAD])
            found.append(
                Pattern(
                    symbol, "window", timedelta(days=1), stamps[end - SPAN], stamps[end],
                    stamps[end], shape / np.linalg.norm(shape), 0.5, followed={HORIZON: followed},
                )
            )  # fmt: skip
    return sorted(found, key=lambda one: (one.known_at, one.symbol))


def ends_of(market: Market, symbol: str, stamps: list[datetime]) -> list[int]:
    """Where episodes end, and as many bars at which nothing need end."""
    place = {stamp: i for i, stamp in enumerate(stamps)}
    told = market.truth.episodes
    planted = [] if told.is_empty() else told.filter(told["symbol"] == symbol)["end"].to_list()
    others = stream(1, "others", symbol).integers(SPAN, len(stamps) - AHEAD, len(planted) or 46)
    ends = {*(place[end] for end in planted), *others.tolist()}
    return sorted(end for end in ends if SPAN <= end < len(stamps) - AHEAD)


@cache
def past(*plants: Episodes) -> tuple[Pattern, ...]:
    return tuple(windows(make_market("crypto", 24, 2500, seed=2, plants=plants)))


def scores(episodes: tuple[Pattern, ...], ask: Ask) -> tuple[Score, ...]:
    later = episodes[len(episodes) // 2 :]
    return retrieval_scores(ask, later, episodes, HORIZON, stream(1, "bootstrap"))


def through_retrieval(search: ToySearch) -> Ask:
    def ask(episode: Pattern) -> tuple[np.ndarray, np.ndarray]:
        found = retrieve(search, Query(episode.embedding, episode.known_at, HORIZON, 64))
        return found.outcomes, found.weights

    return ask


def test_what_followed_its_like_beats_climatology_where_episodes_recur() -> None:
    episodes = past(Episodes(60, drift=0.4))
    by_search, answered = scores(episodes, asking(ToySearch(episodes), HORIZON))
    assert by_search.name == "crps_skill"
    assert by_search.low is not None
    assert by_search.low > 0.005
    assert by_search.value > 0.03
    assert answered.value == 1
    weighed, _ = scores(episodes, through_retrieval(ToySearch(episodes)))
    assert weighed.low is not None
    assert weighed.low > 0.005


def test_where_nothing_recurs_it_does_not_pretend_to() -> None:
    episodes = past()
    skill, _ = scores(episodes, through_retrieval(ToySearch(episodes)))
    assert skill.low is not None
    assert skill.low < 0
    assert skill.value < 0.005
    assert len(episodes) > 1000


def test_a_shape_without_a_drift_after_it_is_worth_nothing() -> None:
    episodes = past(Episodes(60, drift=0.0))
    skill, _ = scores(episodes, asking(ToySearch(episodes), HORIZON))
    assert skill.value < 0.005


START = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def plain(day: int, value: float, resolved_in: int = 1) -> Pattern:
    known = START + day * DAY
    followed = {DAY: Outcome(value, known + resolved_in * DAY)}
    unit = np.full(WIDTH, WIDTH**-0.5)
    return Pattern("ACME", "window", DAY, known - DAY, known, known, unit, 0.5, followed=followed)


def test_climatology_counts_what_had_resolved_and_nothing_later() -> None:
    past = [plain(day, 0.0) for day in range(40)] + [plain(39, 9.0, resolved_in=30)]
    query = plain(40, 1.0)
    always = np.array([3.0]), np.array([1.0])
    rng = stream(1, "bootstrap")
    skill, _ = retrieval_scores(lambda _: always, [query], past, DAY, rng)
    assert skill.value == pytest.approx(1 - 2.0 / 1.0)  # the nine are not known: all say 0


def test_a_query_is_not_asked_before_thirty_outcomes_are_known() -> None:
    episodes = [plain(day, 0.1 * day) for day in range(60)]
    asked: list[datetime] = []

    def ask(one: Pattern) -> tuple[np.ndarray, np.ndarray]:
        asked.append(one.known_at)
        return np.array([0.0]), np.array([1.0])

    retrieval_scores(ask, episodes, episodes, DAY, stream(1, "bootstrap"))
    assert asked == [START + day * DAY for day in range(30, 60)]


def test_where_nothing_is_said_climatology_speaks() -> None:
    episodes = [plain(day, 0.1 * day) for day in range(60)]
    nothing = np.empty(0), np.empty(0)
    skill, answered = retrieval_scores(
        lambda _: nothing, episodes, episodes, DAY, stream(1, "bootstrap")
    )
    assert (skill.value, answered.value) == (0, 0)
    assert str(answered).endswith("of 30 queries")


def test_a_search_is_heard_as_of_the_moment_of_the_query() -> None:
    episodes = [plain(day, float(day)) for day in range(10)]

    class Hasty(ToySearch):
        def search(self, query, k, as_of, regime=None):  # type: ignore[no-untyped-def]
            return [(one, 0.5) for one in self.patterns]

    values, weights = asking(Hasty(tuple(episodes)), DAY)(episodes[5])
    assert values.tolist() == [0, 1, 2, 3, 4]
    assert set(weights.tolist()) == {0.5}


def test_too_short_a_past_is_refused() -> None:
    few = [plain(day, 0.0) for day in range(20)]
    with pytest.raises(
        Misuse, match=r"no query has an outcome within 1 day.* and 30 of them resolved"
    ):
        retrieval_scores(lambda _: (np.ones(1), np.ones(1)), few, few, DAY, stream(1, "x"))
