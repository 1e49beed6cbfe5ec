"""`AlternativeDataConnector`: the sources that are switched on, read once, for rows to be joined to."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tradewind.core import Finding, Panel
from tradewind.core.joining import Side
from tradewind.data.alternative.reading import published
from tradewind.data.alternative.spec import AlternativeDataConfig


@dataclass(frozen=True)
class AlternativeDataConnector:
    """Reads each source that is enabled into a panel, and says how it is joined to rows.

    `folder` is the workspace: paths are of it, and its store is the one that is read.

    >>> import polars as pl
    >>> from tradewind.core import Dataset
    >>> from tradewind.core.joining import with_sides
    >>> from datetime import timedelta
    >>> from tempfile import TemporaryDirectory
    >>> from tradewind.data.alternative.spec import AlternativeDataSpec
    >>> from tradewind.data.sources.stamping import Stamping
    >>> cpi = AlternativeDataSpec("cpi", "macro", "cpi.csv", ("value",),
    ...     stamping=Stamping(calendar="month"), lag=timedelta(days=12))
    >>> at = pl.datetime_range(pl.date(2024, 2, 12), pl.date(2024, 2, 13), "1d", time_zone="UTC")
    >>> rows = pl.select(decided_at=at.cast(pl.Datetime("us", "UTC"))).with_columns(
    ...     symbol=pl.lit("ACME", pl.Enum(["ACME"])))
    >>> with TemporaryDirectory() as name:
    ...     _ = Path(name, "cpi.csv").write_text("date,value\\n2024-01-01,1.5\\n2024-02-01,1.6\\n")
    ...     connector = AlternativeDataConnector(AlternativeDataConfig((cpi,)), Path(name))
    ...     table = with_sides(Dataset(rows, ()), connector.panels(), connector.sides).table
    >>> table.select("cpi_value", "cpi_age_days").rows()
    [(None, None), (1.5, 12.0)]
    """

    config: AlternativeDataConfig
    folder: Path

    @property
    def sides(self) -> tuple[Side, ...]:
        """How each panel is joined."""
        return tuple(spec.side for spec in self.config.enabled)

    def panels(self) -> Mapping[str, Panel]:
        """The panel of each source by its name; a file is read the first time it is asked for."""
        return self._panels

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was assumed and left out when they were read."""
        return tuple(found for panel in self._panels.values() for found in panel.findings)

    @cached_property
    def _panels(self) -> dict[str, Panel]:
        return {spec.name: published(spec, self.folder) for spec in self.config.enabled}
