"""Logs: one line each on stderr, with the run it belongs to, and never a key."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from os import getpid

import pytest

from tradewind.cli.logs import LogConfig, start_logs
from tradewind.core.clock import FixedClock

CLOCK = FixedClock(datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC))
RUN = f"20240102T030405-{getpid()}"


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def test_a_line_says_when_which_run_and_what(capsys: pytest.CaptureFixture[str]) -> None:
    assert start_logs(LogConfig("info", "json"), "up", debug=False, clock=CLOCK) == RUN
    logging.getLogger("tradewind.data").info("read %d rows", 3, extra={"share": float("nan")})
    said = capsys.readouterr()
    assert said.out == ""
    assert json.loads(said.err) == {
        "at": "2024-01-02T03:04:05.000+00:00",
        "run": RUN,
        "verb": "up",
        "event": "read 3 rows",
        "level": "info",
        "logger": "tradewind.data",
        "share": None,
    }


def test_a_console_line_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    start_logs(LogConfig("info"), "up", debug=False, clock=CLOCK)
    logging.getLogger("tradewind.data").info("read", extra={"rows": 3})
    line = capsys.readouterr().err
    assert line.startswith("2024-01-02T03:04:05.000+00:00 [info     ] read ")
    assert f"rows=3 run={RUN} verb=up" in line


@pytest.mark.parametrize(
    ("level", "debug", "told"), [("warning", False, 1), ("info", False, 2), ("error", True, 3)]
)
def test_the_level_says_how_much_is_told(
    capsys: pytest.CaptureFixture[str], level: str, debug: bool, told: int
) -> None:
    start_logs(LogConfig(level), "up", debug=debug, clock=CLOCK)  # type: ignore[arg-type]
    log = logging.getLogger("tradewind.data")
    log.debug("one")
    log.info("two")
    log.warning("three")
    assert len(capsys.readouterr().err.splitlines()) == told


@pytest.mark.parametrize("style", ["json", "console"])
def test_no_key_gets_into_a_log(capsys: pytest.CaptureFixture[str], style: str) -> None:
    start_logs(LogConfig("info", style), "up", debug=False, clock=CLOCK)  # type: ignore[arg-type]
    log = logging.getLogger("tradewind.data")
    key = "s3cr3t"
    log.info("GET https://example.com/query?apikey=%s&symbol=ACME", key)
    log.info("asked", extra={"API_KEY": key, "sent": [{"Authorization": f"Bearer {key}"}]})
    log.info("headers {'Authorization': 'Bearer %s', 'token': '%s'}", key, key)
    try:
        raise ValueError(f"refused: password={key}")
    except ValueError:
        log.exception("it failed")
    said = capsys.readouterr().err
    assert said.count("***") == 7
    assert "ACME" in said
    assert "ValueError: refused: password=***" in said
    assert key not in said
