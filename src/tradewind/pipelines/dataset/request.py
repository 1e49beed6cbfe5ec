"""What a dataset job is asked for, and what came of it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from tradewind.context.bands import Bands
from tradewind.core import Clock, Finding, SystemClock
from tradewind.core.errors import BadConfig
from tradewind.core.stamps import Stamps
from tradewind.data.alternative.coverage import COVERED
from tradewind.features.families import Family
from tradewind.features.kept.fingerprint import fingerprint
from tradewind.features.registry import BARS
from tradewind.pipelines.config import UpConfig

LABELLED_BY = BARS.name  # regimes are told by its volatility_20 and return_60


@dataclass(frozen=True)
class DatasetRequest:
    """What to make of which bars: those of a file, those that lie in the workspace, else made ones."""

    name: str = "dataset"
    data: Path | None = None
    seed: int = 7
    calendar: str = "XNYS"
    stamps: Stamps | None = None
    bar: timedelta | None = None
    tz: str | None = None
    symbol: str | None = None
    horizon: int | None = None
    regimes: bool = False
    bands: tuple[float, float] = (0.33, 0.67)
    view: bool = False
    columns: tuple[str, ...] = ("close", "volume")
    fill_limit: int = 5
    least: float = 0.0
    join_limit_s: float = 300.0
    strict: bool = False
    export: Path | None = None
    dry_run: bool = False
    config: UpConfig = field(default_factory=UpConfig)
    clock: Clock = field(default_factory=SystemClock)

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise BadConfig(f"{self.name!r} is no name for a dataset", "use letters, digits and _")
        Bands(*self.bands)
        if self.horizon is not None and self.horizon < 1:
            raise BadConfig(f"a horizon of {self.horizon} bars", "look at least one bar ahead")
        if not 0 <= self.least <= 1:
            raise BadConfig(f"a least share of {self.least:g} fresh symbols", "give 0 to 1")
        if not self.join_limit_s > 0:
            raise BadConfig(f"a join limit of {self.join_limit_s:g} s", "give seconds above 0")
        if self.regimes and LABELLED_BY not in self.config.features.families:
            raise BadConfig(
                f"regimes are labelled by the family {LABELLED_BY!r}, and features.families are "
                f"{', '.join(self.config.features.families) or 'none'}",
                f"add {LABELLED_BY} to them, or ask for no labels",
            )

    def recipe(self, bars: str, families: Iterable[Family] = ()) -> dict[str, Mapping[str, Any]]:
        """For each table that is to be kept, what its content depends on: the bars by where they are from,
        a family of features by its definition.

        >>> DatasetRequest(regimes=True, bands=(0.2, 0.8)).recipe("stored")["regimes"]
        {'low': 0.2, 'high': 0.8, 'least': 60}
        """
        defined = {f"family {family.name}": fingerprint(family) for family in families}
        made: dict[str, Mapping[str, Any]] = {
            "features": {"bars": bars, **self.config.alternative_data.declared, **defined},
            "outcomes": {"horizon": self.ahead},
        }
        if self.regimes:
            made["regimes"] = asdict(Bands(*self.bands))
        if self.view:
            least = {"least": self.least} if self.least else {}
            shown = {"columns": list(self.columns), "fill_limit": self.fill_limit}
            made["cross_asset"] = {**shown, **least}
        return made

    @property
    def ahead(self) -> int:
        """How many bars ahead the outcome lies."""
        return self.config.target.horizon if self.horizon is None else self.horizon

    def table(self, name: str) -> str:
        """What a table of this dataset is called in the store: other data and other datasets have their own."""
        return f"{self.name}_{name}"


@dataclass(frozen=True)
class DatasetResult:
    """Whether it passed, where it lies (nowhere, if it was refused), and what was found and measured."""

    passed: bool
    folder: Path | None
    findings: tuple[Finding, ...] = ()
    record: Mapping[str, Any] = field(default_factory=dict)
    plans: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """A few lines for a terminal, and the findings that are more than information."""
        if self.plans:
            return "\n".join(self.plans)
        told = self.record
        lines = [
            f"{told['rows']:,} rows of {told['symbols']:,} symbols from {told['data']['origin']}"
        ]
        if told["fill_rates"]:
            rates = told["fill_rates"]
            lines.append(
                f"cross-asset view: {rates['fresh']:.1%} fresh, {rates['filled']:.1%} carried on, "
                f"{rates['missing']:.1%} missing"
            )
        covered = (found for found in self.findings if found.check == COVERED)
        lines += [f"  {found.where}: {found.detail}" for found in covered]
        took = [f"{stage} {cost['wall_s']:.1f} s" for stage, cost in told["stages"].items()]
        lines.append(f"{', '.join(took)}; at most {told['peak_memory_mb']:,.0f} MB")
        lines += [f"  {found}" for found in self.findings if found.severity != "info"]
        return "\n".join([*lines, f"{self.folder}" if self.folder else "nothing was kept"])

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        return {
            "passed": self.passed,
            "folder": self.folder and str(self.folder),
            "findings": [found.to_dict() for found in self.findings],
            "record": dict(self.record),
            "plans": list(self.plans),
        }
