"""`tradewind init`, and how every verb that needs a workspace comes by one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tradewind.cli.options import WORKSPACE, AsJson, Debug, WorkspaceDir
from tradewind.cli.voice import Voice

if TYPE_CHECKING:
    from tradewind.storage.workspace import Workspace


def init(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="The folder; else that of --workspace.")
    ] = None,
    workspace: WorkspaceDir = WORKSPACE,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Make a workspace: one folder, with a tradewind.yaml that lists what can be set."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        made = opened(folder or workspace)
        facts = {"workspace": str(made.path), "config": str(made.config)}
        voice.result(facts, f"{made.path} is ready; what can be set is in {made.config}")


def opened(path: Path) -> "Workspace":
    """The workspace there, made where it is missing; what is in it already stays as it is."""
    from tradewind.cli.settings import SECTIONS
    from tradewind.storage.files import publish
    from tradewind.storage.workspace import Workspace
    from tradewind.storage.yaml_config import default_config

    workspace = Workspace(path).create()
    workspace.require_writable()
    if not workspace.config.exists():
        publish(workspace.config, default_config(SECTIONS))
    return workspace
