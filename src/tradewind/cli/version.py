"""`tradewind version`."""

from tradewind.cli.options import WORKSPACE, AsJson, Debug, WorkspaceDir
from tradewind.cli.voice import Voice


def version(
    workspace: WorkspaceDir = WORKSPACE, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Which tradewind this is, on which Python, and whether there is a workspace."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        import platform
        from importlib.metadata import version as installed

        told = {
            "tradewind": installed("tradewind"),
            "python": platform.python_version(),
            "workspace": str(workspace) if (workspace / "workspace.json").exists() else None,
        }
        voice.result(
            told,
            f"tradewind {told['tradewind']}, Python {told['python']}, "
            + (f"workspace {workspace}" if told["workspace"] else "no workspace here"),
        )
