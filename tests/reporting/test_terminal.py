"""The dozen lines for a terminal."""

from dataclasses import replace
from typing import Any

from tradewind.core import Finding, Scorecard
from tradewind.reporting.terminal import summary


def test_the_summary_begins_with_the_verdict_and_fits_a_terminal(tell: Any) -> None:
    lines = summary(tell(better=False)).split("\n")
    assert lines[0] == "synthetic equities, 36 symbols, daily: NOT better than the baseline"
    assert "nothing here says that it is not luck" in lines[1]
    assert len(lines) <= 14


def test_the_main_scores_stand_with_their_interval_and_their_baseline(tell: Any) -> None:
    told = summary(tell())
    assert "Log-loss skill     0.42 %  0.11 to 0.84 %  baseline 0.00 %\n" in told
    assert "Largest drawdown    −18 %  −26 to −12 %    baseline −31 %\n" in told
    assert "Calibration slope    0.94  0.72 to 1.18\n" in told


def test_errors_come_first_and_warn(tell: Any) -> None:
    leak = Finding("leak.shift", "error", "feature x", "sees tomorrow", "drop it")
    story = tell()
    story = replace(story, card=replace(story.card, findings=(*story.card.findings, leak, leak)))
    told = summary(story)
    assert "2 findings are errors: until that is resolved, no figure here can be believed" in told
    assert "findings: 2 errors, 2 warnings, 1 note\n  error leak.shift in feature x" in told


def test_a_summary_of_nothing_says_that_nothing_was_found(tell: Any) -> None:
    assert summary(replace(tell(), card=Scorecard("nothing", ()))).endswith(
        "findings: nothing was found"
    )


def test_what_a_file_calls_its_symbols_cannot_steer_a_terminal(tell: Any) -> None:
    told = summary(replace(tell(), card=Scorecard("\x1b[2Jhidden\r\n\u202e", ())))
    assert told.startswith("�[2Jhidden���: Better than the baseline\n")
