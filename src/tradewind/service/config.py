"""The section `service` of tradewind.yaml."""

from dataclasses import dataclass, field

from tradewind.core.errors import BadConfig


@dataclass(frozen=True)
class ServiceConfig:
    """Where the service listens.

    >>> ServiceConfig(port=99999)
    Traceback (most recent call last):
    tradewind.core.errors.BadConfig: there is no port 99999: give one from 1 to 65535, or 0 for ...
    """

    host: str = field(default="127.0.0.1", metadata={"doc": "this machine alone"})
    port: int = field(default=8000, metadata={"doc": "0 takes any that is free"})

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise BadConfig(
                f"there is no port {self.port}", "give one from 1 to 65535, or 0 for any free one"
            )
