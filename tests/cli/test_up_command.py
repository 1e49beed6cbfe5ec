"""`tradewind up`: what it hands to the job, what it refuses before the job, and how the page is shown."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from tradewind.cli.app import run
from tradewind.core.errors import BadTable

STAND_IN = [sys.executable, str(Path(__file__).with_name("stand_in.py"))]


@pytest.fixture
def busy() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_what_is_asked_for_reaches_the_job(
    job: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[Any] = []
    real = job.run
    monkeypatch.setattr(
        job, "run", lambda request, *rest: asked.append(request) or real(request, *rest)
    )
    options = "--data a.csv --seed 3 --calendar 24/7 --stamps start --bar 5m --tz UTC --symbol ACME"
    assert run(["up", "--no-serve", *options.split()]) == 0
    (request,) = asked
    wanted = (Path("a.csv"), 3, "24/7", "start", timedelta(minutes=5), "UTC", "ACME")
    given = (request.data, request.seed, request.calendar, request.stamps, request.bar)
    assert (*given, request.tz, request.symbol) == wanted


def test_the_settings_of_the_workspace_reach_the_job(
    job: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    real = job.run
    monkeypatch.setattr(
        job, "run", lambda request, *rest: asked.append(request) or real(request, *rest)
    )
    assert run(["init", "here"]) == 0
    Path("here/tradewind.yaml").write_text("synthetic:\n  symbols: 5\n")
    assert run(["up", "--no-serve", "--workspace", "here"]) == 0
    assert asked[0].config.synthetic.symbols == 5


@pytest.mark.parametrize("bar", ["daily", "5x", "0m", "-5m", "99999999d", ""])
def test_a_length_that_is_none_is_refused(bar: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["up", "--no-serve", "--data", "a.csv", "--bar", bar]) == 2
    message = f"error: --bar {bar!r} is not a length of time: write 5m, 1h or 1d\n"
    assert capsys.readouterr().err == message


@pytest.mark.parametrize(
    "option", ["--calendar XNYS", "--stamps end", "--bar 5m", "--tz UTC", "--symbol ACME"]
)
def test_how_to_read_a_file_is_not_asked_of_a_made_market(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["up", "--no-serve", *option.split()]) == 2
    message = f"error: {option} is of a file, and there is none: give it with --data\n"
    assert capsys.readouterr().err == message


def test_data_that_is_not_there_is_told_before_anything_is_made(
    job: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def gone(data: Path) -> None:
        raise BadTable(f"there is no file {data}", "check the path")

    monkeypatch.setattr(job, "require_there", gone)
    assert run(["up", "--no-serve", "--data", "nofile.csv"]) == 2
    assert capsys.readouterr().err == "error: there is no file nofile.csv: check the path\n"
    assert not Path("my-market").exists()


def test_a_port_in_use_is_told_before_the_job_runs(
    job: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], busy: int
) -> None:
    monkeypatch.setattr(job, "run", lambda *_: pytest.fail("the job ran"))
    assert run(["up", "--port", str(busy)]) == 2
    remedy = f"choose another with --port {busy + 1}"
    assert capsys.readouterr().err == f"error: port {busy} of 127.0.0.1 is in use: {remedy}\n"


def test_a_host_that_others_can_reach_is_refused_before_the_job_runs(
    job: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(job, "run", lambda *_: pytest.fail("the job ran"))
    assert run(["up", "--host", "0.0.0.0"]) == 1
    assert "is open to other machines" in capsys.readouterr().err


def test_a_setting_that_is_not_understood_is_refused_before_the_job_runs(
    job: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(job, "run", lambda *_: pytest.fail("the job ran"))
    Path("my-market").mkdir()
    Path("my-market/tradewind.yaml").write_text("servce:\n  port: 1\n")
    assert run(["up", "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["error"] == "BadConfig"
    assert told["rule"] == "tradewind.yaml:1: there is no section 'servce'"
    assert told["remedy"] == "did you mean 'service'?"


@pytest.mark.parametrize("data", ["OK", "LEAKY"])
def test_the_page_is_shown_after_the_job_until_a_signal_ends_it(tmp_path: Path, data: str) -> None:
    command = [*STAND_IN, "up", "--json", "--port", "0", "--data", data]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=tmp_path, text=True, **pipes) as ran:
        where = ran.stderr.readline().split()[4]
        assert httpx.get(where).text == "<h1>a stand-in</h1>"
        ran.send_signal(signal.SIGTERM)
        out, err = ran.communicate(timeout=10)
    assert json.loads(out)["subject"] == "a stand-in"
    assert err == "stopped serving\n"
    assert ran.returncode == (1 if data == "LEAKY" else 0)
