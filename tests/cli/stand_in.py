"""A stand-in for the main job, so that the command line is tested without waiting for one.

As a program it is `tradewind` with that stand-in: `python stand_in.py up --data SLOW`. What the job
is to do is said by the name of the data.
"""

import errno
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from tradewind.core import Finding, Score, Scorecard
from tradewind.core.errors import BadTable, Refusal
from tradewind.storage.files import publish_folder
from tradewind.storage.workspace import Workspace

SCORE = Score("log_loss_skill", 0.004, float("nan"), 0.007, "share", baseline=0.0)
LEAK = Finding("leak", "error", "feature 'tomorrow'", "it sees tomorrow", "drop it")


class Tell(Protocol):
    def stage(self, name: str) -> AbstractContextManager[None]: ...

    def progress(self, done: int, of: int) -> None: ...


@dataclass(frozen=True)
class UpRequest:
    data: Path | None
    stored: bool
    seed: int
    calendar: str
    stamps: str | None
    bar: object
    tz: str | None
    symbol: str | None
    config: object


@dataclass(frozen=True)
class UpResult:
    card: Scorecard
    page: Path
    summary: str
    facts: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return {**self.card.to_dict(), "page": str(self.page), "facts": dict(self.facts)}


def slow() -> None:
    import threading

    print("it is slow", file=sys.stderr, flush=True)
    threading.Event().wait(60)


def fail(error: BaseException) -> None:
    raise error


DEEDS = {
    "SLOW": slow,
    "NONSENSE": lambda: fail(BadTable("the table is empty", "give it rows")),
    "REFUSED": lambda: fail(Refusal("the audit said no", "drop the leak")),
    "FULL": lambda: fail(OSError(errno.ENOSPC, "No space left on device", "page.html")),
    "SURPRISE": lambda: fail(ZeroDivisionError("one over\nzero")),
    "PANIC": lambda: fail(type("PanicException", (BaseException,), {})("it broke")),
}


def require_there(data: Path) -> None:
    """All data of the stand-in is there: its name is what the job is to do."""


def run(request: UpRequest, workspace: Workspace, tell: Tell) -> UpResult:
    with tell.stage("gather"):
        tell.progress(1, 2)
        DEEDS.get(str(request.data), lambda: None)()
    findings = (LEAK,) if request.data == Path("LEAKY") else ()
    card = Scorecard("a stand-in", (SCORE,), findings)
    facts = {"seed": request.seed, "bar": str(request.bar)}
    page = workspace.reports / "up" / "index.html"
    result = UpResult(card, page, f"{SCORE}\n{page}", facts)
    publish_folder(page.parent, {"index.html": "<h1>a stand-in</h1>", "scorecard.json": "{}"})
    return result


def installed() -> ModuleType:
    """This stand-in as the module that the command line asks for."""
    module = ModuleType("tradewind.pipelines.up")
    module.__dict__.update(
        UpRequest=UpRequest, UpResult=UpResult, require_there=require_there, run=run
    )
    sys.modules["tradewind.pipelines.up"] = module
    return module


if __name__ == "__main__":
    from tradewind.cli import main

    installed()
    sys.exit(main())
