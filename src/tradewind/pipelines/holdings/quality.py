"""`check`: how good what lies in a workspace is, as findings and as a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from tradewind.data.quality.checks import CHECKS
from tradewind.pipelines.holdings.examining import Examined, examine
from tradewind.pipelines.holdings.examples import worst_of
from tradewind.reporting.quality import ASIDE, Looked, QualityReport
from tradewind.reporting.quality_page import render
from tradewind.storage.files import publish_folder
from tradewind.storage.json_text import to_json
from tradewind.storage.workspace import Workspace


@dataclass(frozen=True)
class QualityResult:
    """What was found, and the page that shows it, if one was asked for."""

    examined: Examined
    page: Path | None

    @property
    def passed(self) -> bool:
        """Whether no finding is an error."""
        return not any(found.severity == "error" for found in self.examined.findings)

    @property
    def summary(self) -> str:
        """A line a finding, and where the page is."""
        told = [str(found) for found in self.examined.findings] or ["nothing was found"]
        return "\n".join([*told, *([] if self.page is None else [str(self.page)])])

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        findings = [found.to_dict() for found in self.examined.findings]
        page = None if self.page is None else str(self.page)
        return {"passed": self.passed, "findings": findings, "page": page}


def run(workspace: Workspace, calendar: str = "XNYS", page: bool = False) -> QualityResult:
    """Look at every byte and every bar; with `page`, publish what was found with its pictures."""
    examined = examine(workspace, calendar)
    if not page:
        return QualityResult(examined, None)
    folder = workspace.reports / "quality"
    result = QualityResult(examined, folder / "index.html")
    files: dict[str, bytes | str] = {
        "index.html": render(compose(workspace.path.name, examined)),
        "quality.json": to_json(result.to_dict()),
    }
    publish_folder(folder, files)
    return result


def compose(name: str, examined: Examined) -> QualityReport:
    """The report of a workspace of that name."""
    sessions = examined.bars.table["session"]
    first, last = sessions.min(), sessions.max()
    return QualityReport(
        name,
        len(examined.bars),
        len(examined.bars.symbols),
        None if first is None else (first, last),  # type: ignore[arg-type]
        examined.version,
        examined.findings,
        _looked(examined),
        examined.aside.select(pl.col(name).cast(dtype) for name, dtype in ASIDE.items()),
        examined.unchecked,
    )


def _looked(examined: Examined) -> tuple[Looked, ...]:
    """Every check with what it flagged. Where there are no bars, none was run."""
    if not len(examined.bars) and not len(examined.aside):
        return ()
    flagged, aside = _counts(examined.verdicts), _counts(examined.aside)
    examples = worst_of(examined)
    return tuple(
        Looked(
            check.name,
            check.severity,
            check.what,
            flagged.get(check.name, 0),
            aside.get(check.name, 0),
            examples.get(check.name, ()),
        )
        for check in CHECKS
    )


def _counts(rows: pl.DataFrame) -> Mapping[str, int]:
    return dict(rows["check"].value_counts().rows())
