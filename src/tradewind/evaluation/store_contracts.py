"""Batteries for what keeps things: each returns findings, and an empty tuple is a pass."""

from collections.abc import Mapping
from typing import Any

from tradewind.core import Finding
from tradewind.core.roles import DocumentStore

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
