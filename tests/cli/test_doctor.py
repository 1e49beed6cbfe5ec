"""`tradewind doctor`: it finds what would keep a run from working, and says what to do."""

import json
import os
import socket
from pathlib import Path

import pytest

from tradewind.cli import doctor, packages
from tradewind.cli.app import run
from tradewind.cli.check import Check
from tradewind.cli.doctor import settings_checks, threads_check, workspace_checks
from tradewind.cli.packages import broken, version_check
from tradewind.storage.workspace import Workspace


def test_where_all_is_well_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tradewind.yaml").write_text("service:\n  port: 0\n")
    assert run(["doctor", "--workspace", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["passed"] is True
    names = [check["name"] for check in told["checks"]]
    assert names == [
        *("python", "packages", "workspace", "space", "configuration", "port", "threads")
    ]


def test_an_error_is_told_with_its_remedy_and_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(packages, "broken", lambda modules: [])
    (tmp_path / "tradewind.yaml").write_text("logs:\n  levl: info\n")
    assert run(["doctor", "--workspace", str(tmp_path)]) == 1
    rule = "error    configuration tradewind.yaml:2: there is no key 'logs.levl'"
    assert f"{rule}: did you mean 'level'?" in capsys.readouterr().out.splitlines()


def test_it_looks_no_further_than_a_package_that_does_not_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    culprit = Check("polars", "error", "does not load", "install it again")
    monkeypatch.setattr(packages, "broken", lambda modules: [culprit])
    assert [check.name for check in doctor.examined(tmp_path)] == ["python", "polars"]


def test_a_package_that_does_not_load_is_named() -> None:
    (check,) = broken(["json", "no_such_package", "csv"])
    assert str(check) == (
        "error    no_such_package does not load: ModuleNotFoundError: No module named "
        "'no_such_package': install it again with: pip install --force-reinstall no_such_package"
    )


def test_a_package_that_takes_its_process_down_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deadly.py").write_text("import os; os.abort()")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (check,) = broken(["json", "deadly"])
    assert check.name == "deadly"
    assert check.detail == "does not load: took its process down (exit status -6)"


def test_a_package_that_is_old_or_missing_is_told() -> None:
    assert version_check("typer", "0.1") is None
    old = version_check("typer", "99.1")
    assert old
    assert str(old).endswith(" is too old: pip install 'typer>=99.1'")
    missing = version_check("no-such-package", "1.0")
    assert missing
    assert str(missing).endswith("is not installed: pip install 'no-such-package>=1.0'")


def test_a_workspace_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "workspace.json").write_text('{"format": 9}')
    (check,) = workspace_checks(tmp_path)
    assert check.status == "error"
    assert "is in format 9" in check.detail
    (future,) = workspace_checks(tmp_path / "not" / "yet")
    assert str(future).endswith("will be made")


def test_little_space_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Workspace, "free_mb", 400.0)
    _, space = workspace_checks(tmp_path)
    told = "warning  space         400 MB free: a market of some size needs 1,000 MB"
    assert str(space) == told


def test_a_port_in_use_is_a_warning_since_it_may_be_our_own(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        (tmp_path / "tradewind.yaml").write_text(f"service:\n  port: {port}\n")
        _, check = settings_checks(tmp_path)
    assert (check.status, check.remedy) == ("warning", f"choose another with --port {port + 1}")


def test_more_threads_than_processors_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    usable = len(os.sched_getaffinity(0))
    monkeypatch.setenv("OMP_NUM_THREADS", "999")
    assert str(threads_check()).endswith(
        f"999 asked for on {usable} processors: unset OMP_NUM_THREADS, or set it to no more than that"
    )
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert threads_check().status == "ok"
