"""The battery of every document store, and ours under it."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tradewind.core.errors import Misuse, WorkspaceError
from tradewind.evaluation.store_contracts import check_document_store
from tradewind.storage.control import Control
from tradewind.storage.documents import Documents


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.db"


def test_documents_in_the_control_database_pass_the_battery(path: Path) -> None:
    assert check_document_store(Documents(Control(path))) == ()


class Forgetful(Documents):
    """Finds whatever it has."""

    def find(self, collection: str, **equal: Any) -> Any:
        return super().find(collection)


def test_the_battery_finds_a_store_that_does_not_look(path: Path) -> None:
    assert len(check_document_store(Forgetful(Control(path)))) == 6


def test_a_document_is_there_for_another_process(path: Path) -> None:
    Documents(Control(path)).put("labels", "a", {"regime": "calm"})
    assert Documents(Control(path)).get("labels", "a") == {"regime": "calm"}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1: "a number as a key"}])
def test_what_json_cannot_say_is_refused(path: Path, value: Any) -> None:
    with pytest.raises(
        (Misuse, TypeError), match=r"is not JSON as it stands: use text|must be str"
    ):
        Documents(Control(path)).put("labels", "a", {"value": value})


def test_a_file_that_is_no_database_is_told(path: Path) -> None:
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(
        WorkspaceError, match=r"control.db says: file is not a database: put it back"
    ):
        Documents(Control(path)).get("labels", "a")


def test_a_transaction_that_fails_leaves_nothing(path: Path) -> None:
    control = Control(path)
    with suppress(KeyboardInterrupt), control.writing() as write:
        write("insert into documents values ('labels', 'a', '{}')")
        raise KeyboardInterrupt
    assert control.rows("select * from documents") == []


def test_every_commit_is_synced_and_writers_wait_for_each_other(path: Path) -> None:
    control = Control(path)
    pragmas = [control.rows(f"pragma {name}") for name in ("journal_mode", "synchronous")]
    assert pragmas == [[{"journal_mode": "wal"}], [{"synchronous": 2}]]
    assert control.rows("pragma busy_timeout") == [{"timeout": 30_000}]
