"""`Workspace`: the one folder that holds everything, and says which tradewind can read it."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from tradewind.core.errors import WorkspaceError
from tradewind.storage.disk_errors import named
from tradewind.storage.files import publish, sync_folder

FORMAT = 1
LEAST_FREE_MB = 50


@dataclass(frozen=True)
class Workspace:
    """One folder of state: the configuration, the reports, and what later rooms keep.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     workspace = Workspace(Path(folder, "my-market")).create()
    ...     workspace.reports.is_dir(), workspace.marker.read_text()
    (True, '{"format": 1}\\n')
    """

    path: Path

    @property
    def config(self) -> Path:
        """Where the configuration is, if there is one."""
        return self.path / "tradewind.yaml"

    @property
    def reports(self) -> Path:
        """One folder for each kind of report, the latest of each."""
        return self.path / "reports"

    @property
    def marker(self) -> Path:
        """The file that says in which format the rest is."""
        return self.path / "workspace.json"

    def create(self) -> "Workspace":
        """The same workspace, made where it is missing; one that is there is left as it is."""
        with named(self.path):
            _make(self.path)
            if self.marker.exists():
                self.require_known_format()
            else:
                publish(self.marker, json.dumps({"format": FORMAT}) + "\n")
            _make(self.reports)
        return self

    def require_known_format(self) -> None:
        """Refuse a folder that a newer tradewind has made, and one that nobody can date."""
        try:
            found = json.loads(self.marker.read_text())["format"]
            newer = int(found) > FORMAT
        except FileNotFoundError:
            raise WorkspaceError(
                f"{self.path} is not a workspace", f"make one with `tradewind init {self.path}`"
            ) from None
        except (ValueError, KeyError, TypeError):
            raise WorkspaceError(
                f"{self.marker} does not say which format the folder is in",
                f'put it back from a copy; this version writes {{"format": {FORMAT}}}',
            ) from None
        if newer:
            raise WorkspaceError(
                f"{self.path} is in format {found}, and this version reads {FORMAT}",
                "use the newer tradewind that made it, or another folder",
            )

    def require_writable(self) -> None:
        """Refuse a folder in which a report could not be kept: no permission, or no space."""
        probe = self.path / ".probe"
        publish(probe, b"")
        with named(self.path):
            probe.unlink()
        if self.free_mb < LEAST_FREE_MB:
            raise WorkspaceError(
                f"{self.path} has {self.free_mb:.0f} MB left, and a run needs {LEAST_FREE_MB}",
                "free some space, or choose another folder",
            )

    @property
    def free_mb(self) -> float:
        """The space left on its disk."""
        with named(self.path):
            return shutil.disk_usage(self.path).free / 1e6


def _make(folder: Path) -> None:
    """Make a folder and whatever is missing above it, so that it outlasts a power cut."""
    if folder.is_dir():
        return
    if folder.parent != folder:
        _make(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)
