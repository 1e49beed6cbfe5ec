"""`tradewind audit`: does a feature know anything that came after it?"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Annotated, Literal

import typer

from tradewind.cli.options import WORKSPACE, AsJson, Debug, WorkspaceDir
from tradewind.cli.voice import BROKEN, FINE, REFUSED, Voice

EXIT = {"causal": FINE, "could not tell": BROKEN, "breaks its word": REFUSED, "leaking": REFUSED}


def audit(
    what: Annotated[
        Literal["features", "function"], typer.Argument(help="Ours and your workspace's, or one.")
    ],
    data: Annotated[
        Path | None, typer.Argument(metavar="[DATA]", help="CSV or Parquet to ask it about.")
    ] = None,
    function: Annotated[
        str | None, typer.Argument(metavar="[FILE.py:FUNCTION]", help="From a frame to a frame.")
    ] = None,
    frame: Annotated[
        Literal["pandas", "polars"] | None,
        typer.Option(help="What it takes; else as it is annotated."),
    ] = None,
    cuts: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Moments to change the future after; else 20 to 300."
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(metavar="N", min=0, max=2**63 - 1, help="Of cuts and of noise.")
    ] = 7,
    page: Annotated[bool, typer.Option("--page", help="Write a page with pictures, too.")] = False,
    workspace: WorkspaceDir = WORKSPACE,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Cut data off, garble what comes after, and see whether anything before it changes."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.cli.progress import stages
        from tradewind.cli.settings import read_settings
        from tradewind.pipelines.audit import FunctionRequest, audit_features, audit_function
        from tradewind.pipelines.explaining.at_hand import families_at
        from tradewind.storage.workspace import Workspace

        here = Workspace(workspace)

        with (
            _stdout_aside(),
            stages(as_json) as tell,
        ):
            if what == "features":
                families = families_at(here, read_settings(here.config).up.features)
                found = audit_features(cuts, seed, tell, families)
            else:
                where, whose = _both(data, function)
                found = audit_function(FunctionRequest(where, whose, frame, cuts, seed), tell)
        if page:
            found = found.published(here)
        voice.result(found.to_dict(), found.summary)
        raise typer.Exit(EXIT[found.verdict])


@contextmanager
def _stdout_aside() -> Iterator[None]:
    """What a function prints, what its libraries and its shell print too, is no result: it goes to stderr."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        if sys.__stdout__ is not None:
            sys.__stdout__.flush()
        os.dup2(kept, 1)
        os.close(kept)


def _both(data: Path | None, function: str | None) -> tuple[Path, str]:
    """The data and the function; without them there is nothing to audit."""
    if data is None or function is None:
        from tradewind.core.errors import Misuse

        raise Misuse(
            "no data or no function is named", "tradewind audit function DATA FILE.py:FUNCTION"
        )
    return data, function
