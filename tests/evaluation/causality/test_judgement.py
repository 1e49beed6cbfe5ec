"""Every leak of the catalogue but one is found, and no honest function is accused."""

from tradewind.core import stream
from tradewind.evaluation.causality.audit import audit, usual_cuts
from tradewind.evaluation.causality.catalogue import HONEST, LEAKY
from tradewind.evaluation.causality.frames import FrameSubject
from tradewind.evaluation.causality.judgement import judge
from tradewind.pipelines.audit_page import frames_of

BARS = [frames_of(5, 250, seed=1)]
UNSEEN = "hindsight"  # dates written into the code: no data tells of them
RARE = ("rarer_move", "month_end", "hundredth")  # for these, a cut at every moment


def test_every_leak_is_found_within_twenty_cuts_but_the_rarest() -> None:
    table = judge(LEAKY, BARS, stream(1))
    found = dict(table.select("function", "within_20").iter_rows())
    assert len(found) == len(LEAKY) == 26
    rare = {name: found.pop(name) for name in (*RARE, UNSEEN)}
    assert set(found.values()) == {1.0}
    assert rare[UNSEEN] == 0


def test_the_rarest_leaks_are_found_by_as_many_cuts_as_suit_small_data() -> None:
    bars = frames_of(1, 120, seed=1)["bars"]
    for name in RARE[1:]:  # the first waits for a move that may never come
        subject = FrameSubject(name, LEAKY[name].make, bars)
        assert audit(subject, stream(1), usual_cuts(len(subject.rows))).verdict == "leaking"


def test_rare_moves_are_found_by_garbling_where_truncation_hardly_ever_does() -> None:
    rare = judge({"rare_move": LEAKY["rare_move"]}, BARS, stream(1)).row(0, named=True)
    assert rare["replaced"] > 0.5
    assert rare["removed"] < 0.2


def test_what_differs_in_the_newest_row_alone_is_found_by_truncation_alone() -> None:
    newest = judge({"x": LEAKY["newest_differs"]}, BARS, stream(1)).row(0, named=True)
    assert (newest["removed"], newest["replaced"]) == (1, 0)


def test_no_honest_function_is_accused() -> None:
    table = judge(HONEST, BARS, stream(2))
    assert len(table) == len(HONEST) == 21
    assert table["within_20"].sum() == 0
