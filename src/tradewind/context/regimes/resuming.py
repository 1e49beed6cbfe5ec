"""`left_off` and `resumed`: what a detector, or a way of saying, carries on, as JSON and back."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from tradewind.context.bands import Bands
from tradewind.context.regimes.filter_state import FilterState
from tradewind.context.regimes.saying import SayingState, Spoken
from tradewind.context.rule_labels import LabelState

Carried = FilterState | LabelState | SayingState


def left_off(state: Carried) -> dict[str, Any]:
    """What is kept of a state between two runs.

    >>> import json
    >>> from datetime import UTC
    >>> state = FilterState({"ACME": (datetime(2024, 1, 2, tzinfo=UTC), (0.1, 0.9))})
    >>> resumed(json.loads(json.dumps(left_off(state)))) == state
    True
    """
    if isinstance(state, FilterState):
        after = {name: [at.isoformat(), *weights] for name, (at, weights) in state.after.items()}
        return {"filter": after}
    if isinstance(state, SayingState):
        moments = {name: at.isoformat() for name, at in state.at.items()}
        return {"said": {name: [*one] for name, one in state.after.items()}, "at": moments}
    pasts = [[of, name, past] for (of, name), past in state.pasts.items()]
    at = state.at.isoformat() if state.at else None
    return {"labelled": pasts, "at": at, "bands": asdict(state.bands)}


def resumed(document: Mapping[str, Any]) -> Carried:
    """The state that a document was made of."""
    if "filter" in document:
        rows = document["filter"].items()
        return FilterState({name: (_at(at), tuple(weights)) for name, (at, *weights) in rows})
    if "said" in document:
        said = {name: _spoken(*one) for name, one in document["said"].items()}
        return SayingState(said, {name: _at(at) for name, at in document["at"].items()})
    pasts = {(of, name): past for of, name, past in document["labelled"]}
    at = _at(document["at"]) if document["at"] else None
    return LabelState(Bands(**document["bands"]), at, pasts)


def _spoken(now: int, rival: int, led: int, begun: int, unseen: int = 0) -> Spoken:
    """One that was kept before they were counted has no unseen rows."""
    return now, rival, led, begun, unseen


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
