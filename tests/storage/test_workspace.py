"""A workspace is made once, opened again, and refused when it cannot be understood or written."""

import shutil
from pathlib import Path

import pytest

from tradewind.core.errors import WorkspaceError
from tradewind.storage.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "some" / "where" / "my-market").create()


def test_making_a_workspace_again_changes_nothing_in_it(workspace: Workspace) -> None:
    (workspace.reports / "mine.txt").write_text("mine")
    before = workspace.marker.stat().st_mtime_ns
    assert workspace.create() == workspace
    assert workspace.marker.stat().st_mtime_ns == before
    assert (workspace.reports / "mine.txt").read_text() == "mine"


def test_a_workspace_of_a_newer_format_is_refused_and_left_as_it_is(workspace: Workspace) -> None:
    workspace.marker.write_text('{"format": 2}')
    message = "is in format 2, and this version reads 1: use the newer tradewind that made it"
    with pytest.raises(WorkspaceError, match=message):
        workspace.create()
    assert workspace.marker.read_text() == '{"format": 2}'


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": null}', '{"format": "two"}'])
def test_a_workspace_that_does_not_say_its_format_is_refused(
    workspace: Workspace, text: str
) -> None:
    workspace.marker.write_text(text)
    message = "does not say which format the folder is in: put it back from a copy; this version"
    with pytest.raises(WorkspaceError, match=message):
        workspace.require_known_format()


def test_a_folder_that_is_no_workspace_is_told_from_one(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="is not a workspace: make one with `tradewind init "):
        Workspace(tmp_path).require_known_format()


def test_a_file_in_the_place_of_the_workspace_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "my-market"):
        with pytest.raises(WorkspaceError, match="a file stands where a folder should be: move"):
            Workspace(path).create()


def test_a_workspace_without_space_is_refused_before_any_work(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.require_writable()
    usage = shutil.disk_usage(workspace.path)._replace(free=3_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(WorkspaceError, match="has 3 MB left, and a run needs 50: free some space"):
        workspace.require_writable()
    assert sorted(path.name for path in workspace.path.iterdir()) == ["reports", "workspace.json"]
