"""How a verb speaks: its result to stdout, everything else to stderr, and one exit code.

0 is fine; 1 is a gate that said no, or a finding that is an error; 2 is misuse, or an error.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import typer

from tradewind.cli.stopping import stopped

FINE, REFUSED, BROKEN = 0, 1, 2


class Voice:
    """The voice of one run of one verb.

    >>> import pytest
    >>> with pytest.raises(typer.Exit) as ended, Voice(as_json=True).guarded():
    ...     from tradewind.core.errors import Refusal
    ...     raise Refusal("the page is empty", "run a job first")
    {"error":"Refusal","rule":"the page is empty","remedy":"run a job first"}
    >>> ended.value.exit_code
    1
    """

    def __init__(self, as_json: bool = False, debug: bool = False) -> None:
        self.as_json = as_json
        self.debug = debug
        self._answered = False

    def result(self, document: Mapping[str, Any], text: str) -> None:
        """Say what came of it: one JSON object, or a text for people."""
        if self.as_json:
            from tradewind.storage.json_text import to_json

            text = to_json(document).decode()
        self._answered = True
        typer.echo(text)

    def note(self, line: str) -> None:
        """Say something on the side."""
        typer.echo(line, err=True)

    def complain(self, error: str, rule: str, remedy: str) -> None:
        """Say what is wrong and what to do, where a result would have been if that was to be JSON."""
        if self.as_json and not self._answered:
            self.result({"error": error, "rule": rule, "remedy": remedy}, "")
        else:
            self.note(f"error: {rule}: {remedy}")

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Turn whatever goes wrong inside into one message and the exit code it deserves."""
        try:
            yield
        except (typer.Exit, typer.TyperException, SystemExit):
            raise
        except BrokenPipeError:
            _let_go_of_stdout()
            raise typer.Exit(FINE) from None
        except BaseException as error:
            self._trace()
            raise typer.Exit(self._told(error)) from None

    def _told(self, error: BaseException) -> int:
        """Say it, and the exit code that it deserves."""
        if isinstance(error, KeyboardInterrupt) or stopped():
            self.complain("Interrupted", "interrupted", "nothing is half-written; run it again")
            return BROKEN
        if isinstance(error, OSError) and error.errno:
            from tradewind.storage.disk_errors import workspace_error

            error = workspace_error(error)
        tree = sys.modules.get("tradewind.core.errors")  # an error of the tree has loaded the tree
        if tree and isinstance(error, tree.TradewindError):
            self.complain(type(error).__name__, error.rule, error.remedy)
            return REFUSED if isinstance(error, tree.Refusal) else BROKEN
        if isinstance(error, ModuleNotFoundError):
            rule = f"the package {error.name!r} is not installed"
            self.complain(
                type(error).__name__, rule, "install again: make up, or pip install tradewind"
            )
            return BROKEN
        first_line = (str(error).splitlines() or [""])[0]
        rule = f"unexpected {type(error).__name__} ({first_line})"
        again = "run again with --debug to see where it arose"
        self.complain(type(error).__name__, rule, "see above" if self.debug else again)
        return BROKEN

    def _trace(self) -> None:
        if self.debug:
            import traceback

            traceback.print_exc()


def _let_go_of_stdout() -> None:
    """The reader has what it wanted and is gone: send what is still buffered nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
