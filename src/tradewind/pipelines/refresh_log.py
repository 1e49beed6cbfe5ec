"""How long each refresh of features took, held against what was promised."""

from dataclasses import dataclass
from typing import Any

from tradewind.data.store import MarketStore
from tradewind.pipelines.features import LOG
from tradewind.storage.documents import Documents
from tradewind.storage.workspace import Workspace


@dataclass(frozen=True)
class RefreshLog:
    """Every refresh in the order of time, and how many seconds one may take.

    >>> log = RefreshLog(60.0, ({"at": "2024-01-02", "took_s": 61.0, "families": []},))
    >>> log.kept, log.summary
    (False, '2024-01-02  61.00 s  0 rows  LATE\\n0 of 1 refreshes were done within 60 s')
    """

    promised_s: float
    refreshes: tuple[dict[str, Any], ...]

    @property
    def kept(self) -> bool:
        """Whether the last one was as quick as promised; nothing was, where there is none."""
        return not self.refreshes or self._in_time(self.refreshes[-1])

    @property
    def summary(self) -> str:
        """A line each, and how many were in time."""
        if not self.refreshes:
            return "nothing was refreshed yet: run `tradewind features refresh`"
        in_time = sum(map(self._in_time, self.refreshes))
        told = (
            f"{in_time} of {len(self.refreshes)} refreshes were done within {self.promised_s:g} s"
        )
        return "\n".join([*map(self._line, self.refreshes), told])

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        refreshes = [{**one, "in_time": self._in_time(one)} for one in self.refreshes]
        return {"promised_s": self.promised_s, "kept": self.kept, "refreshes": refreshes}

    def _in_time(self, refresh: dict[str, Any]) -> bool:
        return bool(refresh["took_s"] <= self.promised_s)

    def _line(self, refresh: dict[str, Any]) -> str:
        rows = sum(family["rows"] for family in refresh["families"])
        late = "" if self._in_time(refresh) else "  LATE"
        return f"{refresh['at']}  {refresh['took_s']:.2f} s  {rows:,} rows{late}"


def logged(workspace: Workspace, promised_s: float) -> RefreshLog:
    """The log of a workspace."""
    documents = Documents(MarketStore(workspace.path).lake.control)
    return RefreshLog(promised_s, tuple(dict(one) for one in documents.find(LOG)))
