"""`Answers`: what providers have answered, kept so that nothing is asked twice and no version is lost."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from tradewind.core.errors import WorkspaceError
from tradewind.storage.disk_errors import named
from tradewind.storage.files import publish, sync_folder
from tradewind.storage.workspace import Workspace

MOMENT = "%Y%m%dT%H%M%S.%fZ"


@dataclass(frozen=True)
class Question:
    """What is asked of a provider, without the key: a path, its parameters, and a body where it has one.

    >>> print(Question("/query", {"function": "FX_DAILY", "from_symbol": "EUR"}))
    /query?function=FX_DAILY&from_symbol=EUR
    """

    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None

    @property
    def text(self) -> str:
        """The question as JSON, the same for the same question."""
        return json.dumps([self.path, dict(self.params), self.body], sort_keys=True)

    def __str__(self) -> str:
        asked = "&".join(f"{name}={value}" for name, value in self.params.items())
        told = f" {json.dumps(self.body, sort_keys=True)}" if self.body else ""
        return self.path + (f"?{asked}" if asked else "") + told


@dataclass(frozen=True)
class Answer:
    """What was said, and when we heard it."""

    at: datetime
    body: bytes

    @property
    def payload(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Answers:
    """A folder of answers, one folder a question, one file an answer, none ever overwritten.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     answers = Answers(Path(folder, "fred"))
    ...     asked = Question("/fred/series", {"series_id": "CPIAUCSL"})
    ...     answers.keep(asked, Answer(datetime(2024, 1, 2, tzinfo=UTC), b'{"ok": true}'))
    ...     [answer.payload for answer in answers.of(asked)]
    [{'ok': True}]
    """

    folder: Path

    @classmethod
    def under(cls, workspace: Workspace, provider: str) -> "Answers":
        """The answers of one provider in a workspace."""
        return cls(workspace.path / "answers" / provider)

    def of(self, question: Question) -> tuple[Answer, ...]:
        """Every answer to a question, the oldest first."""
        place = self._place(question)
        with named(place):
            files = sorted(place.glob("*.json.gz")) if place.is_dir() else []
        return tuple(_read(file) for file in files)

    def heard(self, question: Question) -> datetime | None:
        """When the question was answered last; no answer is opened for it."""
        place = self._place(question)
        names = sorted(file.name for file in place.glob("*.json.gz")) if place.is_dir() else []
        return _moment(names[-1]) if names else None

    def keep(self, question: Question, answer: Answer) -> None:
        """Put an answer beside the earlier ones; the question lies there too, for a person."""
        place = self._place(question)
        with named(place):
            place.mkdir(parents=True, exist_ok=True)
            for folder in (place.parent, place.parent.parent):
                sync_folder(folder)
        publish(place / "question.json", question.text + "\n")
        file = place / f"{answer.at.astimezone(UTC).strftime(MOMENT)}.json.gz"
        publish(file, gzip.compress(answer.body, compresslevel=6, mtime=0))

    def _place(self, question: Question) -> Path:
        return self.folder / sha256(question.text.encode()).hexdigest()[:32]


def _moment(name: str) -> datetime:
    return datetime.strptime(name.removesuffix(".json.gz"), MOMENT).replace(tzinfo=UTC)


def _read(file: Path) -> Answer:
    try:
        with named(file):
            return Answer(_moment(file.name), gzip.decompress(file.read_bytes()))
    except (WorkspaceError, EOFError, ValueError) as error:
        raise WorkspaceError(f"the kept answer {file} is damaged", "move it away") from error
