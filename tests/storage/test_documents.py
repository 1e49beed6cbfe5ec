"""The battery of every document store, and ours under it."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tradewind.core.errors import Misuse, WorkspaceError
from tradewind.core.finding import Finding
from tradewind.core.roles import DocumentStore
from tradewind.storage.control import Control
from tradewind.storage.documents import Documents

SAMPLES: Mapping[str, Mapping[str, Any]] = {
    "plain": {"regime": "calm", "count": 3, "share": 0.1, "final": True, "note": None},
    "nested": {"bands": [0.1, 0.9], "by": {"sector": {"tech": "up"}}},
    "text": {"regime": "'; drop table documents; --", "unicode": "ö 漢 \U0001f600", "": "no name"},
    "empty": {},
    "one": {"final": 1, "regime": "calm"},
}


def check_document_store(store: DocumentStore) -> tuple[Finding, ...]:
    """What is put is got back as it was, found by its fields, replaced whole, and kept apart."""
    found = []

    def expect(what: str, got: Any, want: Any) -> None:
        if got != want:
            detail = f"{what}: {got!r}, not {want!r}"
            remedy = "keep documents as the JSON that they are"
            found.append(Finding("contract.document_store", "error", what, detail, remedy))

    for key, document in SAMPLES.items():
        store.put("samples", key, document)
    for key, document in SAMPLES.items():
        expect(f"get {key}", store.get("samples", key), document)
    expect("a missing key", store.get("samples", "nobody"), None)
    expect("a missing collection", store.get("nobody", "plain"), None)
    by_key = [SAMPLES[key] for key in sorted(SAMPLES)]
    expect("find all", list(store.find("samples")), by_key)
    calm = [SAMPLES["one"], SAMPLES["plain"]]
    expect("find by text", list(store.find("samples", regime="calm")), calm)
    expect("find true", list(store.find("samples", final=True)), [SAMPLES["plain"]])
    expect("find 1", list(store.find("samples", final=1)), [SAMPLES["one"]])
    expect("find null", list(store.find("samples", note=None)), [SAMPLES["plain"]])
    expect("find a list", list(store.find("samples", bands=[0.1, 0.9])), [SAMPLES["nested"]])
    expect("find both", list(store.find("samples", regime="calm", count=3)), [SAMPLES["plain"]])
    store.put("samples", "plain", {"regime": "wild"})
    expect("replaced", store.get("samples", "plain"), {"regime": "wild"})
    store.put("others", "plain", {"regime": "other"})
    expect("kept apart", store.get("samples", "plain"), {"regime": "wild"})
    return tuple(found)


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
