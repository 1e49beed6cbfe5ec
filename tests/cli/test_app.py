"""The command line as a whole: exit codes, two streams that do not mix, and no traceback."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tradewind.cli import app, main
from tradewind.cli.app import VERBS, run

STAND_IN = [sys.executable, str(Path(__file__).with_name("stand_in.py"))]
JOB = ["up", "--no-serve"]


def ran(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*STAND_IN, *JOB, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)


def test_a_result_goes_to_stdout_and_what_is_going_on_to_stderr() -> None:
    job = ran()
    assert job.returncode == 0
    assert job.stdout.splitlines()[-1] == "my-market/reports/up/index.html"
    assert job.stderr == "gather ... 0.0 s\n"


def test_with_json_there_is_one_object_on_stdout_and_nothing_on_stderr() -> None:
    job = ran("--json", "--seed", "3")
    told = json.loads(job.stdout)
    assert told["scores"]["log_loss_skill"]["low"] is None
    assert told["facts"]["seed"] == 3
    assert job.stderr == ""


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        ("LEAKY", 1, None),
        ("REFUSED", 1, "error: the audit said no: drop the leak"),
        ("NONSENSE", 2, "error: the table is empty: give it rows"),
        ("FULL", 2, "error: page.html: there is no space left: free some space, or choose another"),
        ("SURPRISE", 2, "error: unexpected ZeroDivisionError (one over): run again with --debug"),
        ("PANIC", 2, "error: unexpected PanicException (it broke): run again with --debug to see"),
    ],
)
def test_each_end_has_its_exit_code_and_one_message(
    data: str, code: int, message: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*JOB, "--data", data]) == code
    said = capsys.readouterr()
    told = [line for line in said.err.splitlines() if not line.startswith("gather")]
    assert len(told) == (1 if message else 0)
    assert "".join(told).startswith(message or "")
    assert bool(said.out) is (message is None)


def test_with_json_an_error_is_one_object_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*JOB, "--data", "NONSENSE", "--json"]) == 2
    said = capsys.readouterr()
    wanted = {"error": "BadTable", "rule": "the table is empty", "remedy": "give it rows"}
    assert (json.loads(said.out), said.err) == (wanted, "")


def test_with_debug_there_is_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*JOB, "--data", "SURPRISE", "--debug"]) == 2
    told = capsys.readouterr().err
    assert "Traceback (most recent call last)" in told
    assert told.endswith("error: unexpected ZeroDivisionError (one over): see above\n")


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_what_is_interrupted_leaves_the_old_report_and_nothing_half_written(
    tmp_path: Path, stop: signal.Signals
) -> None:
    assert run(JOB) == 0
    before = sorted(tmp_path.rglob("*"))
    command = [*STAND_IN, *JOB, "--data", "SLOW"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as job:
        assert job.stderr
        assert "it is slow" in job.stderr.readline()
        job.send_signal(stop)
        _, err = job.communicate(timeout=10)
    assert err == "stopped\nerror: interrupted: nothing is half-written; run it again\n"
    assert job.returncode == 2
    assert sorted(tmp_path.rglob("*")) == before


def test_an_interrupt_before_the_verb_begins_ends_the_same_way(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(app, "app", lambda *_, **__: 130)
    assert run(["version"]) == 2
    said = "error: interrupted: nothing is half-written; run it again\n"
    assert capsys.readouterr().err == said


def test_an_interrupt_before_anything_is_loaded_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(arguments: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "run", interrupted)
    monkeypatch.setenv("OMP_WAIT_POLICY", "passive")
    before = signal.getsignal(signal.SIGTERM)
    assert main() == 2
    signal.signal(signal.SIGTERM, before)
    assert capsys.readouterr().err == "error: interrupted: nothing was begun; run it again\n"


def test_a_reader_who_leaves_is_no_error() -> None:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([*STAND_IN, "version"], text=True, **pipes) as job:
        job.stdout.close()
        assert job.stderr.read() == ""
    assert job.returncode == 0


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_takes_the_options_that_all_take(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([verb, "--help"]) == 0
    told = capsys.readouterr().out
    for option in ("--workspace", "--json", "--debug"):
        assert option in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["up", "--sed", "7"],
            "No such option: --sed (Possible options: --seed, --serve, --stored): see tr",
        ),
        (["up", "--seed", "x"], "Invalid value for '--seed': Input should be a valid integer"),
        (
            ["up", "--port", "70000"],
            "Invalid value for '--port': Input should be less than or equal to 65535",
        ),
        (["upp"], "No such command 'upp'. Did you mean 'up'?: see tradewind --help"),
        (["synth"], "Missing argument 'OUT': see tradewind synth --help"),
        (
            ["features", "log", "--sla-s", "-1"],
            "Invalid value for '--sla-s': Input should be greater than or equal to 0: see "
            "tradewind features log --help",
        ),
    ],
)
def test_a_call_that_is_not_understood_is_misuse(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"error: {message}")
    assert len(said.err.splitlines()) == 1
    assert run([*arguments, "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert f"{told['rule']}: {told['remedy']}".startswith(message)


def test_without_a_verb_it_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    told = capsys.readouterr().out
    assert all(verb in told for verb in VERBS)


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from tradewind.cli.app import run; run(['up', '--help']); print(*sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in ran.stdout.splitlines()[-1].split()}
    heavy = {"numpy", "polars", "numba", "lightgbm", "structlog", "starlette", "uvicorn", "yaml"}
    assert "typer" in loaded
    assert not heavy & loaded


def test_version_says_which_it_is_and_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = ["--workspace", str(tmp_path)]
    assert run(["version", *folder]) == 0
    assert capsys.readouterr().out.endswith("no workspace here\n")
    assert run(["init", str(tmp_path)]) == 0
    capsys.readouterr()
    assert run(["version", *folder, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"tradewind", "python", "workspace"}
    assert told["workspace"] == str(tmp_path)


def test_version_is_an_option_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["version"]) == 0
    said = capsys.readouterr().out
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == said


@pytest.mark.parametrize("name", ["tradewind", "tw"])
def test_either_name_helps_and_completes_under_its_own(name: str) -> None:
    command = Path(sys.executable).with_name(name)
    helped = subprocess.run([command, "--help"], capture_output=True, text=True, check=True)
    assert f"Usage: {name} " in helped.stdout
    asked = {
        f"_{name.upper()}_COMPLETE": "complete_bash",
        "COMP_WORDS": f"{name} doc",
        "COMP_CWORD": "1",
    }
    completed = subprocess.run(
        [command], capture_output=True, text=True, env={**os.environ, **asked}
    )
    assert completed.stdout.split() == ["doctor"]


def test_python_m_is_the_same_command_with_the_same_exit_codes() -> None:
    command = [sys.executable, "-m", "tradewind.cli", "features", "show", "nothing"]
    job = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert job.returncode == 2
    assert "there is no feature or family 'nothing'" in job.stderr
