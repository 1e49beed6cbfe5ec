"""`tradewind init`: a folder that lists what can be set, made once and never overwritten."""

import json
from pathlib import Path

import pytest

from tradewind.cli.app import run
from tradewind.cli.settings import Settings, read_settings


def test_what_it_writes_means_the_defaults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "my-market"
    assert run(["init", str(folder)]) == 0
    said = f"{folder} is ready; what can be set is in {folder}/tradewind.yaml\n"
    assert capsys.readouterr().out == said
    assert read_settings(folder / "tradewind.yaml") == Settings()
    assert (folder / "reports").is_dir()


def test_a_workspace_that_is_there_keeps_its_settings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tradewind.yaml").write_text("service:\n  port: 9000\n")
    assert run(["init", "--workspace", str(tmp_path), "--json"]) == 0
    told = {"workspace": str(tmp_path), "config": f"{tmp_path}/tradewind.yaml"}
    assert json.loads(capsys.readouterr().out) == told
    assert read_settings(tmp_path / "tradewind.yaml").service.port == 9000


def test_a_folder_that_cannot_be_made_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert run(["init", str(tmp_path / "file" / "here")]) == 2
    assert "a file stands where a folder should be: move that file" in capsys.readouterr().err


def test_a_name_that_is_not_text_can_be_told_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", "/dev/null/\udcff", "--json"]) == 2
    assert "\\udcff: a file stands where" in json.loads(capsys.readouterr().out)["rule"]
