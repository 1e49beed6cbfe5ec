"""Stages: a line each where nobody looks, one that moves where somebody does, nothing beside JSON."""

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console
from rich.progress import Progress, TextColumn

from tradewind.cli.progress import LiveStages, PlainStages, SilentStages, stages
from tradewind.core.clock import FixedClock


def test_a_stage_that_fails_is_not_told_as_done(capsys: pytest.CaptureFixture[str]) -> None:
    told = PlainStages(FixedClock(datetime(2024, 1, 2, tzinfo=UTC)))
    told.progress(1, 2)
    with pytest.raises(ZeroDivisionError), told.stage("fit"):
        1 / 0  # noqa: B018
    assert capsys.readouterr().err == "fit ... stopped\n"


def test_beside_json_only_a_terminal_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with stages(as_json=True) as told, told.stage("fit"):
        told.progress(1, 2)
    assert isinstance(told, SilentStages)
    with stages(as_json=False) as told:
        assert isinstance(told, PlainStages)
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stderr", terminal)
    with stages(as_json=True) as told:
        assert isinstance(told, LiveStages)


def test_on_a_terminal_every_stage_has_a_line_that_ends_full() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=80)
    with Progress(console=console, auto_refresh=False) as display:
        told = LiveStages(display)
        told.progress(1, 2)
        with told.stage("features"), told.stage("windows"):
            told.progress(3, 10)
            assert display.tasks[1].percentage == 30
    assert [task.finished for task in display.tasks] == [True, True]
    assert "features" in screen.getvalue()


def test_a_note_has_a_line_of_its_own_and_the_stage_ends_on_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = PlainStages(FixedClock(datetime(2024, 1, 2, tzinfo=UTC)))
    with told.stage("read"):
        told.note("ask 1 of 2: ACME")
        told.note("waiting 12 s: 5 questions a minute")
    assert capsys.readouterr().err.splitlines() == [
        "read ... ",
        "  ask 1 of 2: ACME",
        "  waiting 12 s: 5 questions a minute",
        "read ... 0.0 s",
    ]


def test_on_a_terminal_the_latest_note_stands_beside_the_stage_until_it_ends() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=160)
    columns = [TextColumn("{task.description}"), TextColumn("{task.fields[note]}", markup=False)]
    with Progress(*columns, console=console, auto_refresh=False) as display:
        told = LiveStages(display)
        told.note("nobody listens yet")
        with told.stage("read"):
            told.note("waiting 12 s: [5] questions a minute")
            display.refresh()
        assert display.tasks[0].fields["note"] == ""
    assert "waiting 12 s: [5] questions a minute" in screen.getvalue()
