"""`Documents`: JSON by collection and key, in the control database, for what is no table."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tradewind.core.errors import Misuse
from tradewind.storage.control import Control
from tradewind.storage.json_text import to_json


class Documents:
    """Regime labels, annotations and other records; each put is on the disk when it returns.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     documents = Documents(Control(Path(folder, "control.db")))
    ...     documents.put("labels", "2024-01-02", {"volatility": "high", "bands": [0.1, 0.9]})
    ...     documents.get("labels", "2024-01-02"), list(documents.find("labels", volatility="low"))
    ({'volatility': 'high', 'bands': [0.1, 0.9]}, [])
    """

    def __init__(self, control: Control) -> None:
        self._control = control

    def put(self, collection: str, key: str, document: Mapping[str, Any]) -> None:
        """Keep a document under a key, in the place of the one that was there."""
        self.put_all(collection, {key: document})

    def put_all(self, collection: str, documents: Mapping[str, Mapping[str, Any]]) -> None:
        """Keep each document under its key, all of them or none."""
        rows = [
            {"collection": collection, "key": key, "document": _text(collection, key, document)}
            for key, document in documents.items()
        ]
        if not rows:
            return
        with self._control.writing() as write:
            write(
                """insert into documents values (:collection, :key, :document)
                on conflict (collection, key) do update set document = excluded.document""",
                rows,
            )

    def get(self, collection: str, key: str) -> Mapping[str, Any] | None:
        """The document, or None where there is none."""
        sql = "select document from documents where collection = :collection and key = :key"
        found = self._control.rows(sql, collection=collection, key=key)
        return _read(found[0]) if found else None

    def find(self, collection: str, **equal: Any) -> Iterator[Mapping[str, Any]]:
        """The documents whose fields have these values, in the order of their keys."""
        sql = "select document from documents where collection = :collection order by key"
        wanted = _as_json(equal)
        for row in self._control.rows(sql, collection=collection):
            document = _read(row)
            if all(name in document and _same(document[name], wanted[name]) for name in wanted):
                yield document


def _text(collection: str, key: str, document: Mapping[str, Any]) -> str:
    text = to_json(document).decode()
    if json.loads(text) != _as_json(document):
        raise Misuse(
            f"document {key!r} of {collection!r} is not JSON as it stands",
            "use text keys, finite numbers, text, lists and mappings",
        )
    return text


def _read(row: Mapping[str, Any]) -> Mapping[str, Any]:
    document: Mapping[str, Any] = json.loads(row["document"])
    return document


def _as_json(value: Any) -> Any:
    """The value as JSON gives it back: tuples are lists there."""
    if isinstance(value, Mapping):
        return {key: _as_json(one) for key, one in value.items()}
    return [_as_json(one) for one in value] if isinstance(value, list | tuple) else value


def _same(one: Any, other: Any) -> bool:
    """Equal, and true is not 1."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
