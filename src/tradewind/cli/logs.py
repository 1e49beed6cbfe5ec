"""Logs: what happened, for whoever looks later, on stderr, with the run that it belongs to.

Every room logs through `logging.getLogger(__name__)`, as the libraries do; this is the one place that
decides how a line looks. What looks like a key never gets into one.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from os import getpid
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from tradewind.core.clock import Clock

Event = MutableMapping[str, Any]

SECRET = re.compile(r"api_?key|token|secret|passw|credential|authorization", re.IGNORECASE)
TOLD_SECRET = re.compile(
    r"((?:api_?key|token|secret|passw(?:or)?d|authorization)\w*['\"]?\s*[=:]\s*['\"]?(?:bearer\s+)?)[^\s&,'\"]+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class LogConfig:
    """The section `logs` of tradewind.yaml."""

    level: Literal["debug", "info", "warning", "error"] = field(
        default="warning", metadata={"doc": "the least that is told: debug, info, warning or error"}
    )
    style: Literal["console", "json"] = field(
        default="console", metadata={"doc": "console for people, json for machines"}
    )


def start_logs(config: LogConfig, verb: str, *, debug: bool, clock: "Clock") -> str:
    """Send every log line to stderr from now on; what is returned names this run in each of them."""
    import structlog

    run = f"{clock.now():%Y%m%dT%H%M%S}-{getpid()}"

    def placed(_: Any, __: str, event: Event) -> Event:
        event.pop("color_message", None)  # uvicorn says everything twice
        return {
            "at": clock.now().isoformat(timespec="milliseconds"),
            "run": run,
            "verb": verb,
            **event,
        }

    handler = _ToStderr()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                placed,
                structlog.processors.format_exc_info,
                without_keys,
                _to_text(config.style),
            ],
        )
    )
    level = "DEBUG" if debug else config.level.upper()
    logging.basicConfig(handlers=[handler], level=level, force=True)
    return run


def _to_text(style: Literal["console", "json"]) -> Any:
    """What makes a line of an event."""
    import structlog

    from tradewind.storage.json_text import to_json

    if style == "json":
        return structlog.processors.JSONRenderer(lambda event, **_: to_json(event).decode())
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        timestamp_key="at",
        exception_formatter=structlog.dev.plain_traceback,
    )


def without_keys(_: Any, __: str, event: Event) -> Event:
    """The event with everything that looks like a key struck out.

    >>> without_keys(None, "", {"api_key": "s3cret", "event": "GET /query?apikey=s3cret&symbol=ACME"})
    {'api_key': '***', 'event': 'GET /query?apikey=***&symbol=ACME'}
    """
    return {name: "***" if SECRET.search(name) else _struck(value) for name, value in event.items()}


def _struck(value: Any) -> Any:
    if isinstance(value, dict):
        return without_keys(None, "", value)
    if isinstance(value, list | tuple):
        return [_struck(one) for one in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return TOLD_SECRET.sub(r"\1***", str(value))


class _ToStderr(logging.StreamHandler[Any]):
    """Writes to whatever stderr is at that moment: a progress display puts its own in its place."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)
