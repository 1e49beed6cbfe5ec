"""Whoever waits for a provider is told of each question once, and a watched source is a source like any."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.data.sources.loopback import Asked, Loopback, Reply, Ticking, serving
from tradewind.core import stream
from tradewind.data.sources import fred
from tradewind.data.sources.battery import check_source
from tradewind.data.sources.declared import plan
from tradewind.pipelines.ingesting.asking import Address, Asking
from tradewind.pipelines.ingesting.providers import SeriesRequest
from tradewind.storage.workspace import Workspace

VINTAGES = [
    {"date": "2023-11-01", "realtime_start": "2023-12-13", "value": "100.0"},
    {"date": "2023-11-01", "realtime_start": "2024-01-12", "value": "101.5"},
    {"date": "2023-12-01", "realtime_start": "2024-01-12", "value": "102.0"},
]


@dataclass
class Screen:
    """Writes down what it is told."""

    notes: list[str] = field(default_factory=list)
    counts: list[tuple[int, int]] = field(default_factory=list)

    def note(self, line: str) -> None:
        self.notes.append(line)

    def progress(self, done: int, of: int) -> None:
        self.counts.append((done, of))


@pytest.fixture
def server() -> Iterator[Loopback]:
    def answer(asked: Asked) -> Reply:
        first, rows = int(asked.params["offset"]), int(asked.params["limit"])
        page = VINTAGES[first : first + rows]
        return Reply({"count": len(VINTAGES), "observations": page})

    with serving() as loopback:
        loopback.answer = answer
        yield loopback


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def request_of_two(server: Loopback, screen: Screen) -> SeriesRequest:
    clock = Ticking()
    asking = Asking("fred", Address(server.url), clock, clock.sleep, stream(7, "retries"), screen)
    return SeriesRequest(asking, ("CPIAUCSL", "UNRATE"))


def test_a_watched_source_keeps_what_every_source_promises(
    request_of_two: SeriesRequest, workspace: Workspace
) -> None:
    [source] = request_of_two.sources(workspace)
    assert check_source(source) == ()


def test_each_question_is_told_once_however_often_it_is_read(
    request_of_two: SeriesRequest, workspace: Workspace, screen: Screen
) -> None:
    [source] = request_of_two.sources(workspace)
    assert [len(list(source.read())) for _ in range(2)] == [2, 2]
    assert [note[:10] for note in screen.notes] == ["ask 1 of 2", "ask 2 of 2"]
    assert plan(source).to_ask == 0


def test_pages_that_nobody_expected_are_counted_as_they_come(
    request_of_two: SeriesRequest,
    workspace: Workspace,
    screen: Screen,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fred, "PAGE", 2)
    [source] = request_of_two.sources(workspace)
    list(source.read())
    assert screen.counts == [(1, 2), (2, 3), (3, 3), (4, 4)]
