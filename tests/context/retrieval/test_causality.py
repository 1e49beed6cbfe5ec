"""On a market that is corrected later, what is retrieved at a moment is what could be retrieved then."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from tests.context.retrieval.toy_search import ToySearch, unit
from tradewind.context.retrieval import Query, retrieve
from tradewind.core import Outcome, Panel, Pattern
from tradewind.core.pattern import WIDTH
from tradewind.data.synthetic import Episodes, Revisions, make_market

SPAN, AHEAD = 24, 5
HORIZON = timedelta(days=AHEAD)
MARKET = make_market("crypto", 3, 400, seed=4, plants=[Episodes(30), Revisions(0.05)])
MOMENTS = MARKET.panel.moments


def closes(panel: Panel, symbol: str, at: datetime) -> np.ndarray:
    """The log closes of a symbol as they were known then."""
    rows = panel.as_of(at).table
    return np.log(rows.filter(rows["symbol"] == symbol)["close"].to_numpy())


def episodes(panel: Panel) -> list[Pattern]:
    """Every eighth window of what this panel holds, its shape and what followed as each was first known."""
    found = []
    held = [moment for moment in MOMENTS if moment in set(panel.moments)]
    for symbol in panel.symbols:
        for end in range(SPAN, len(held), 8):
            path = closes(panel, symbol, held[end])[-SPAN - 1 :]
            shape = np.interp(np.linspace(0, SPAN, WIDTH), np.arange(SPAN + 1), path)
            followed = {}
            if end + AHEAD < len(held):
                after = closes(panel, symbol, held[end + AHEAD])
                value = float(after[-1] - after[-1 - AHEAD])
                followed = {HORIZON: Outcome(value, held[end + AHEAD])}
            found.append(
                Pattern(
                    symbol, "window", timedelta(days=1), held[end - SPAN], held[end], held[end],
                    unit(shape - shape.mean()), 0.5, followed=followed,
                )
            )  # fmt: skip
    return found


WHOLE = [one for one in episodes(MARKET.panel) if one.followed]


@pytest.mark.parametrize("cut", [120, 203, 311, 380])
def test_the_answer_on_the_market_cut_is_the_answer_on_the_whole(cut: int) -> None:
    at = MOMENTS[cut]
    then = [one for one in episodes(MARKET.as_of(at).panel) if one.followed]
    assert 0 < len(then) < len(WHOLE)
    for asked in WHOLE[::20]:
        query = Query(asked.embedding, at, HORIZON, 16)
        whole, past = (retrieve(ToySearch.of(known), query) for known in (WHOLE, then))
        assert len(whole.neighbours) == 16
        assert whole.outcomes.tolist() == past.outcomes.tolist()
        assert whole.weights.tolist() == past.weights.tolist()
        assert whole.aftermath == past.aftermath


def test_the_market_was_corrected() -> None:
    assert MARKET.panel.revised == 60
