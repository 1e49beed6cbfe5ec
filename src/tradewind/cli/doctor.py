"""`tradewind doctor`: what would keep a run from working, each with a remedy.

It is wanted most when something is broken, so it looks at the packages first, in a process of their
own (a native library may take its process down), and imports none of them itself until they stand.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import typer

from tradewind.cli.check import Check
from tradewind.cli.options import WORKSPACE, AsJson, Debug, WorkspaceDir
from tradewind.cli.voice import FINE, REFUSED, Voice

OLDEST_PYTHON = (3, 11)
PLENTY_MB = 1000


def doctor(
    workspace: WorkspaceDir = WORKSPACE, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Look at Python, the packages, the workspace, the port: what is wrong, and what to do."""
    voice = Voice(as_json, debug)
    with voice.guarded():
        checks = list(examined(workspace))
        passed = not any(check.status == "error" for check in checks)
        told = {"passed": passed, "checks": [asdict(check) for check in checks]}
        voice.result(told, "\n".join(map(str, checks)))
        raise typer.Exit(FINE if passed else REFUSED)


def examined(folder: Path) -> Iterator[Check]:
    """Every check, in the order in which one thing rests on another."""
    from tradewind.cli.packages import package_checks

    yield python_check(sys.version_info[:3])
    packages = list(package_checks())
    yield from packages
    if any(check.status == "error" for check in packages):
        return
    yield from workspace_checks(folder)
    yield from settings_checks(folder)
    yield threads_check()


def python_check(version: tuple[int, ...]) -> Check:
    """Is this Python new enough?

    >>> print(python_check((3, 10, 4)))
    error    python        3.10.4: install Python 3.11 or newer, and make the environment anew
    """
    found = ".".join(map(str, version))
    if version >= OLDEST_PYTHON:
        return Check("python", "ok", found)
    remedy = "install Python 3.11 or newer, and make the environment anew"
    return Check("python", "error", found, remedy)


def workspace_checks(folder: Path) -> Iterator[Check]:
    """Could a run keep its results there?"""
    from tradewind.core.errors import WorkspaceError
    from tradewind.storage.workspace import Workspace

    if not folder.exists():
        yield future_check(folder)
        return
    workspace = Workspace(folder)
    try:
        if workspace.marker.exists():
            workspace.require_known_format()
        workspace.require_writable()
    except WorkspaceError as error:
        yield Check("workspace", "error", error.rule, error.remedy)
        return
    yield Check("workspace", "ok", f"{folder} is writable")
    free = f"{workspace.free_mb:,.0f} MB free"
    if workspace.free_mb < PLENTY_MB:
        yield Check("space", "warning", free, f"a market of some size needs {PLENTY_MB:,} MB")
    else:
        yield Check("space", "ok", free)


def future_check(folder: Path) -> Check:
    """Could a folder be made there?

    >>> print(future_check(Path("/dev/null/my-market")))
    error    workspace     /dev/null/my-market cannot be made in /dev/null: choose another ...
    """
    above = next(one for one in folder.absolute().parents if one.exists())
    if above.is_dir() and os.access(above, os.W_OK | os.X_OK):
        return Check("workspace", "ok", f"{folder} will be made")
    rule = f"{folder} cannot be made in {above}"
    return Check("workspace", "error", rule, "choose another with --workspace")


def settings_checks(folder: Path) -> Iterator[Check]:
    """Is the configuration understood, and is the port that it names free?"""
    from tradewind.cli.settings import read_settings
    from tradewind.core.errors import TradewindError
    from tradewind.service.serve import require_port_free
    from tradewind.storage.workspace import Workspace

    path = Workspace(folder).config
    try:
        service = read_settings(path).service
    except TradewindError as error:
        yield Check("configuration", "error", error.rule, error.remedy)
        return
    yield Check("configuration", "ok", f"{path}" if path.exists() else "none; all at its default")
    try:
        require_port_free(service.host, service.port)
    except TradewindError as error:
        yield Check("port", "warning", error.rule, error.remedy)
    else:
        yield Check("port", "ok", f"{service.port} of {service.host} is free")


def threads_check() -> Check:
    """How many processors we may use, and whether something asks for more threads than that."""
    usable = len(os.sched_getaffinity(0))
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdigit() and int(asked) > usable:
        remedy = "unset OMP_NUM_THREADS, or set it to no more than that"
        return Check("threads", "warning", f"{asked} asked for on {usable} processors", remedy)
    return Check("threads", "ok", f"{usable} processors")
