"""What resembles now, what followed it, and how much of a witness each episode is."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.context.retrieval.toy_search import DAY, START, WEEK, ToySearch, cloud, episode
from tradewind.context.retrieval import ContextAwareRetrieval, Query, retrieve
from tradewind.context.retrieval.weighing import effective, kinship
from tradewind.core import Outcome
from tradewind.core.errors import BadTable, Misuse
from tradewind.core.pattern import WIDTH

LATER = START + 10_000 * DAY
ONES = np.ones(WIDTH)


def test_context_aware_filtering() -> None:
    """A regime that has enough is kept to; one that has too few is widened, and that is said."""
    search = ToySearch.of(
        [*cloud(90, regimes=("calm", "calm", "wild")), episode(4, 1.0, None, "B", "rare")]
    )
    retrieval = ContextAwareRetrieval(search, deadline_ms=10_000)
    calm = retrieval(Query(ONES, LATER, WEEK, 16, "calm"))
    assert {one.pattern.regime for one in calm.neighbours} == {"calm"}
    assert (calm.of_the_regime, calm.widened, calm.degraded) == (16, False, None)
    rare = retrieval(Query(ONES, LATER, WEEK, 16, "rare"))
    assert (rare.of_the_regime, len(rare.neighbours), rare.widened) == (1, 16, True)
    unheard_of = retrieval(Query(ONES, LATER, WEEK, 16, "never seen"))
    everyone = retrieval(Query(ONES, LATER, WEEK, 16))
    assert unheard_of.widened
    assert unheard_of.aftermath == everyone.aftermath
    assert not everyone.widened


def test_a_regime_of_as_many_as_were_asked_for_is_not_widened() -> None:
    search = ToySearch.of(cloud(9, regimes=("calm", "wild", "wild")))
    found = retrieve(search, Query(ONES, LATER, WEEK, 3, "calm"))
    assert (len(found.neighbours), found.widened) == (3, False)


def test_the_summary_is_that_of_the_weighted_outcomes() -> None:
    search = ToySearch.of(
        [episode(10 * i, value) for i, value in enumerate([-0.02, 0.01, 0.03, 0.06])]
    )
    after = retrieve(search, Query(ONES, LATER, WEEK)).aftermath
    assert after is not None
    assert after.mean == pytest.approx(0.02)
    assert after.rose == pytest.approx(0.75)
    assert after.effective == pytest.approx(4)
    assert after.quantiles == {0.05: -0.02, 0.25: -0.02, 0.5: 0.01, 0.75: 0.03, 0.95: 0.06}
    assert after.similarity == pytest.approx((1, 1))


def test_ten_names_in_one_crash_are_fewer_than_ten_witnesses() -> None:
    crash = [episode(100, -0.2, symbol=f"S{i}") for i in range(10)]
    calm = [episode(200 + 8 * i, 0.01) for i in range(4)]
    after = retrieve(ToySearch.of(crash + calm), Query(ONES, LATER, WEEK)).aftermath
    assert after is not None
    of_the_crash = 10 / (1 + 9 * 0.3)
    assert after.effective == pytest.approx(of_the_crash + 4)
    assert after.rose == pytest.approx(4 / (of_the_crash + 4))


def test_neighbours_of_one_symbol_count_by_the_part_of_their_time_that_is_their_own() -> None:
    half_a_week = [episode(10, 0.1), episode(13.5, 0.1)]
    kin = kinship(half_a_week, [one.followed[WEEK] for one in half_a_week])
    assert kin == pytest.approx(np.array([[1, 0.5], [0.5, 1]]))
    assert effective(np.ones(2), kin) == pytest.approx(2 / 1.5)


@given(st.integers(1, 30), st.integers(0, 99))
def test_the_effective_number_is_kish_where_nothing_overlaps_and_never_more_than_there_are(
    count: int, seed: int
) -> None:
    found = retrieve(ToySearch.of(cloud(count, seed)), Query(ONES, LATER, WEEK, 30))
    assert found.aftermath is not None
    kish = found.weights.sum() ** 2 / (found.weights**2).sum()
    assert found.aftermath.effective == pytest.approx(kish)
    assert found.aftermath.effective <= count + 1e-9
    assert found.weights.sum() == pytest.approx(1)


def test_an_answer_does_not_change_when_the_future_does() -> None:
    episodes = cloud(60)
    for day in (100, 207, 333, 479):
        at = START + day * DAY
        past = [one for one in episodes if one.known_at + WEEK <= at]
        whole, cut = (
            retrieve(ToySearch.of(p), Query(ONES, at, WEEK, 16)) for p in (episodes, past)
        )
        assert len(whole.neighbours) == min(16, len(past)) > 8
        assert whole.outcomes.tolist() == cut.outcomes.tolist()
        assert whole.aftermath == cut.aftermath
        assert all(one.outcome.resolved_at <= at for one in whole.neighbours)


def test_a_search_that_shows_what_is_not_yet_known_is_not_believed() -> None:
    class Hasty(ToySearch):
        def search(self, query, k, as_of, regime=None):  # type: ignore[no-untyped-def]
            return [(one, 1.0) for one in self.patterns]

    at = START + 30 * DAY
    found = retrieve(Hasty(tuple(cloud(10))), Query(ONES, at, WEEK))
    assert len(found.neighbours) == 3
    assert all(one.pattern.known_at + WEEK <= at for one in found.neighbours)


def test_episodes_without_an_outcome_at_the_horizon_are_looked_past() -> None:
    near = [episode(8 * i, 0.5, horizon=DAY) for i in range(40)]
    search = ToySearch.of([*near, *cloud(12)])
    found = retrieve(search, Query(ONES, LATER, WEEK, 8))
    assert len(found.neighbours) == 8
    assert all(WEEK in one.pattern.followed for one in found.neighbours)


def test_only_the_outcome_at_the_horizon_asked_counts() -> None:
    one = episode(5, 0.1)
    both = type(one)(
        **{**vars(one), "followed": {**one.followed, DAY: Outcome(-0.4, one.known_at + DAY)}}
    )
    search = ToySearch.of([both])
    assert retrieve(search, Query(ONES, LATER, DAY)).outcomes.tolist() == [-0.4]
    assert retrieve(search, Query(ONES, one.known_at + 2 * DAY, WEEK)).aftermath is None


@pytest.mark.parametrize(
    "search", [ToySearch(()), ToySearch.of([episode(5, 0.1, -np.ones(WIDTH) / 128**0.5)])]
)
def test_nothing_alike_is_an_answer_and_not_a_failure(search: ToySearch) -> None:
    found = ContextAwareRetrieval(search, deadline_ms=10_000)(Query(ONES, LATER, WEEK, 5, "calm"))
    assert (found.neighbours, found.aftermath, found.degraded) == ((), None, None)
    assert found.widened


def test_more_than_there_are_gives_all_there_are() -> None:
    assert len(retrieve(ToySearch.of(cloud(7)), Query(ONES, LATER, WEEK, 1000)).neighbours) == 7


def test_a_similarity_that_is_no_number_is_a_fault_of_the_library() -> None:
    class Torn(ToySearch):
        def search(self, query, k, as_of, regime=None):  # type: ignore[no-untyped-def]
            return [(self.patterns[0], float("nan"))]

    with pytest.raises(BadTable, match="a similarity that is not a number: rebuild the index"):
        retrieve(Torn(tuple(cloud(1))), Query(ONES, LATER, WEEK))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"vector": np.ones(3)}, r"a query of shape \(3,\): give \(128,\) numbers"),
        (
            {"vector": np.where(np.arange(128) < 2, np.nan, 1.0)},
            "of which 2 numbers are not finite",
        ),
        ({"vector": np.zeros(128)}, "a query of nothing but zeros: give"),
        ({"k": 0}, "0 episodes like this one: ask for 1 or more"),
        ({"horizon": timedelta(0)}, "what followed within 0:00:00: give a horizon above 0"),
        ({"as_of": START.replace(tzinfo=None)}, "has no time zone"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked: dict[str, object], message: str) -> None:
    with pytest.raises(Misuse, match=message):
        Query(**{"vector": ONES, "as_of": LATER, "horizon": WEEK, **asked})  # type: ignore[arg-type]
