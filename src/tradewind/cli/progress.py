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


@dataclass(frozen=True)
class PlainStages:
    """One line a stage: its name when it begins, how long it took when it ends.

    >>> from contextlib import redirect_stderr
    >>> from datetime import UTC, datetime
    >>> from tradewind.core.clock import FixedClock
    >>> told = PlainStages(FixedClock(datetime(2024, 1, 2, tzinfo=UTC)))
    >>> with redirect_stderr(sys.stdout), told.stage("features"):
    ...     pass
    features ... 0.0 s
    """

    clock: "Clock"

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began = self.clock.now()
        typer.echo(f"{name} ... ", nl=False, err=True)
        try:
            yield
        except BaseException:
            typer.echo("stopped", err=True)
            raise
        took_s = (self.clock.now() - began).total_seconds()
        typer.echo(f"{took_s:.1f} s", err=True)

    def progress(self, done: int, of: int) -> None:
        pass


class LiveStages:
    """One line a stage, moving: a spinner, a bar once there is something to count, the time it takes."""

    def __init__(self, display: "Progress") -> None:
        self.display = display
        self._task: TaskID | None = None

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        outer, self._task = self._task, self.display.add_task(name, total=None)
        yield
        self.display.update(self._task, total=1, completed=1)
        self._task = outer

    def progress(self, done: int, of: int) -> None:
        if self._task is not None:
            self.display.update(self._task, total=of, completed=done)


def _live() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    return Progress(
        SpinnerColumn(finished_text="[green]✓[/green]"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
