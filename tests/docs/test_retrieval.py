"""What docs/retrieval.md says of usefulness holds of the real detector, embedding and library, in small."""

from docs.retrieval import AHEAD, BARS, EVERY, coins, saved
from tradewind.context.patterns import resolve, windows
from tradewind.core import Score
from tradewind.data.synthetic import Episodes


def among_windows(*plants: Episodes) -> Score:
    panel = coins(*plants, symbols=16, days=1500)
    kept = resolve(windows(panel, "1d", BARS, EVERY, "24/7"), panel, (AHEAD,), "24/7")
    skill, queries = saved(kept, kept)
    assert queries > 1_000
    return skill


def test_it_beats_climatology_where_episodes_recur() -> None:
    skill = among_windows(Episodes(60, drift=0.4))
    assert skill.low is not None
    assert skill.low > 0


def test_it_does_not_pretend_to_where_nothing_recurs() -> None:
    skill = among_windows()
    assert skill.low is not None
    assert skill.low < 0
    assert skill.value < 0.005
