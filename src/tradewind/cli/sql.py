"""`tradewind sql`: the tables of a workspace, for whoever thinks in SQL."""

from typing import Annotated

import typer

from tradewind.cli.options import WORKSPACE, AsJson, Debug, WorkspaceDir
from tradewind.cli.voice import Voice


def sql(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="One SELECT over the tables.")],
    workspace: WorkspaceDir = WORKSPACE,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Ask the tables of the workspace; nothing can be changed, and no file be read."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        from tradewind.pipelines.holdings import asked
        from tradewind.storage.workspace import Workspace

        here = Workspace(workspace)
        here.require_known_format()
        answer = asked(here, query)
        voice.result(
            {"columns": answer.columns, "rows": answer.rows()}, answer.write_csv().rstrip()
        )
