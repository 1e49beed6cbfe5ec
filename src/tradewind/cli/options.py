"""The options that every verb takes, and takes after its name."""

from pathlib import Path
from typing import Annotated

import typer

WORKSPACE = Path("my-market")

WorkspaceDir = Annotated[
    Path, typer.Option("--workspace", metavar="DIR", help="The folder that holds everything.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, and no text.")]
Debug = Annotated[bool, typer.Option("--debug", help="Tell every step, and where an error arose.")]
