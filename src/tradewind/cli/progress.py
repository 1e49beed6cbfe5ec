"""What is going on, told stage by stage on stderr: live on a terminal, a line each elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import typer

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from tradewind.core.clock import Clock


class Stages(Protocol):
    """Whoever is told of the stages of a job."""

    def stage(self, name: str) -> AbstractContextManager[None]: ...

    def progress(self, done: int, of: int) -> None: ...

    def note(self, line: str) -> None: ...


@contextmanager
def stages(as_json: bool) -> Iterator[Stages]:
    """The one that suits where stderr goes; beside JSON, nothing but a terminal is told anything."""
    if sys.stderr.isatty():
        with _live() as display:
            yield LiveStages(display)
    elif as_json:
        yield SilentStages()
    else:
        from tradewind.core.clock import SystemClock

        yield PlainStages(SystemClock())


class SilentStages:
    """Tells nobody."""

    def stage(self, name: str) -> AbstractContextManager[None]:  # noqa: ARG002
        return nullcontext()

    def progress(self, done: int, of: int) -> None:
        pass

    def note(self, line: str) -> None:
        pass


@dataclass
class PlainStages:
    """One line a stage: its name when it begins, how long it took when it ends, notes between them.

    >>> from contextlib import redirect_stderr
    >>> from datetime import UTC, datetime
    >>> from tradewind.core.clock import FixedClock
    >>> told = PlainStages(FixedClock(datetime(2024, 1, 2, tzinfo=UTC)))
    >>> with redirect_stderr(sys.stdout), told.stage("features"):
    ...     pass
    features ... 0.0 s
    >>> with redirect_stderr(sys.stdout), told.stage("read bars"):
    ...     told.note("ask 1 of 1: ACME")
    read bars ...
      ask 1 of 1: ACME
    read bars ... 0.0 s
    """

    clock: "Clock"
    _noted: bool = False

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began, self._noted = self.clock.now(), False
        typer.echo(f"{name} ... ", nl=False, err=True)
        try:
            yield
        except BaseException:
            self._end(name, "stopped")
            raise
        took_s = (self.clock.now() - began).total_seconds()
        self._end(name, f"{took_s:.1f} s")

    def progress(self, done: int, of: int) -> None:
        pass

    def note(self, line: str) -> None:
        typer.echo(f"  {line}" if self._noted else f"\n  {line}", err=True)
        self._noted = True

    def _end(self, name: str, how: str) -> None:
        typer.echo(f"{name} ... {how}" if self._noted else how, err=True)


class LiveStages:
    """One line a stage, moving: a spinner, a bar once there is something to count, the time it takes."""

    def __init__(self, display: "Progress") -> None:
        self.display = display
        self._task: TaskID | None = None

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        outer, self._task = self._task, self.display.add_task(name, total=None, note="")
        yield
        self.display.update(self._task, total=1, completed=1, note="")
        self._task = outer

    def progress(self, done: int, of: int) -> None:
        if self._task is not None:
            self.display.update(self._task, total=of, completed=done)

    def note(self, line: str) -> None:
        """Beside the stage, in place of the note before."""
        if self._task is not None:
            self.display.update(self._task, note=line)


def _live() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.table import Column

    rest = Column(no_wrap=True, overflow="ellipsis", ratio=1)
    return Progress(
        SpinnerColumn(finished_text="[green]✓[/green]"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}", style="dim", markup=False, table_column=rest),
        expand=True,
        console=Console(stderr=True),
    )
