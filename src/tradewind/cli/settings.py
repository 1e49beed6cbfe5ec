"""Which sections tradewind.yaml has: each is owned by its room, and gathered here."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tradewind.cli.logs import LogConfig
from tradewind.pipelines.config import SECTIONS as UP_SECTIONS
from tradewind.pipelines.config import UpConfig
from tradewind.pipelines.regimes.config import RegimesConfig
from tradewind.service.config import ServiceConfig
from tradewind.storage.yaml_config import read_config

SECTIONS: dict[str, type[Any]] = {
    **UP_SECTIONS,
    "regimes": RegimesConfig,
    "service": ServiceConfig,
    "logs": LogConfig,
}


@dataclass(frozen=True)
class Settings:
    """All that can be set: what the main job does, which regimes there are, where it is served, what is
    logged.

    >>> Settings().service.port
    8000
    """

    up: UpConfig = field(default_factory=UpConfig)
    regimes: RegimesConfig = field(default_factory=RegimesConfig)
    service: ServiceConfig = field(default_factory=ServiceConfig)
    logs: LogConfig = field(default_factory=LogConfig)


def read_settings(path: Path) -> Settings:
    """The settings in a file; where it is missing, the defaults.

    >>> read_settings(Path("nowhere.yaml")) == Settings()
    True
    """
    given = read_config(path, SECTIONS)
    others = {name: given.pop(name) for name in ("regimes", "service", "logs")}
    return Settings(UpConfig(**given), **others)
