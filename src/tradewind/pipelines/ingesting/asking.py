"""How a provider is asked on request: where, with which key, and telling whoever waits."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import urlsplit

from tradewind.core import Clock, Panel, Rng
from tradewind.core.errors import BadConfig, Misuse, WorkspaceError
from tradewind.data.sources import alpha_vantage, bls, fred
from tradewind.data.sources.connecting import Connection
from tradewind.data.sources.declared import Part, Source, plan
from tradewind.data.sources.keys import Key, find_key
from tradewind.data.sources.patience import Sleep
from tradewind.data.sources.provider import Provider
from tradewind.data.sources.stamping import Stamping
from tradewind.storage.workspace import Workspace

ProviderName = Literal["alpha-vantage", "fred", "bls"]
Wanted = Callable[[Provider], Source]
"""Makes the source that is wanted, once it is known who is asked."""

PROVIDERS: Mapping[ProviderName, tuple[str, str]] = {
    "alpha-vantage": (alpha_vantage.URL, alpha_vantage.KEY),
    "fred": (fred.URL, fred.KEY),
    "bls": (bls.URL, bls.KEY),
}
WITHOUT_KEY = ("bls",)
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Watch(Protocol):
    """Whoever watches questions being asked."""

    def note(self, line: str) -> None: ...

    def progress(self, done: int, of: int) -> None: ...


@dataclass(frozen=True)
class Address:
    """Where a provider is asked, and with which key; a key travels encrypted, or not off this machine.

    >>> Address("http://proxy.example:8080", Key("abc"))
    Traceback (most recent call last):
    tradewind.core.errors.BadConfig: http://proxy.example:8080 would carry the key for everybody to ...
    """

    url: str
    key: Key | None = None

    def __post_init__(self) -> None:
        scheme, host = _scheme_and_host(self.url)
        if self.key and scheme == "http" and host not in LOOPBACK:
            raise BadConfig(
                f"{self.url} would carry the key for everybody to read", "give one with https"
            )


def address_of(
    provider: ProviderName,
    environ: Mapping[str, str],
    *,
    key_file: Path | None = None,
    url: str | None = None,
    dry_run: bool = False,
) -> Address:
    """The provider's own address or the one given, and the key; a dry run asks nobody and needs none.

    >>> address_of("fred", {"FRED_API_KEY": "abc"})
    Address(url='https://api.stlouisfed.org', key=Key())
    >>> address_of("fred", {})
    Traceback (most recent call last):
    tradewind.core.errors.BadConfig: there is no key FRED_API_KEY: set it in the environment...
    """
    own_url, name = PROVIDERS[provider]
    named = key_file is not None or name in environ
    needed = (named or provider not in WITHOUT_KEY) and not dry_run
    key = find_key(name, environ, key_file) if needed else None
    return Address((url or own_url).rstrip("/"), key)


@dataclass
class Questions:
    """The questions of a run, each counted once, told as they are asked.

    >>> class Screen:
    ...     def note(self, line): print(line)
    ...     def progress(self, done, of): pass
    >>> questions = Questions(Screen())
    >>> questions.expect([Part("A"), Part("B", kept=True)])
    >>> questions(Part("A")), questions(Part("A", kept=True)), questions(Part("B", kept=True))
    ask 1 of 2: A
    kept 2 of 2: B
    (None, None, None)
    """

    watch: Watch
    expected: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)

    def expect(self, parts: Iterable[Part]) -> None:
        """Count on these; a provider may turn out to have more pages than that."""
        self.expected.update(part.what for part in parts)

    def __call__(self, part: Part) -> None:
        """Tell of one, if it was not told of before."""
        if part.what in self.told:
            return
        self.told.add(part.what)
        self.expected.add(part.what)
        done, of = len(self.told), len(self.expected)
        self.watch.note(f"{'kept' if part.kept else 'ask'} {done} of {of}: {part.what}")
        self.watch.progress(done, of)


@dataclass(frozen=True)
class Watched:
    """A source whose questions are watched, and whose errors say how much of it is kept already."""

    source: Source
    questions: Questions

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def table(self) -> str:
        return self.source.table

    @property
    def stamping(self) -> Stamping:
        return self.source.stamping

    def parts(self, since: datetime | None = None) -> Sequence[Part]:
        return self.source.parts(since)

    def read(self, since: datetime | None = None) -> Iterator[Panel]:
        """What the source reads."""
        self.questions.expect(self.parts(since))
        try:
            yield from self.source.read(since)
        except (Misuse, WorkspaceError) as error:
            told = plan(self.source, since)
            if not told.to_ask:
                raise
            kept = f"{len(told.parts) - told.to_ask} of {len(told.parts)} answers are kept"
            raise type(error)(error.rule, f"{error.remedy}; {kept}") from None


@dataclass(frozen=True)
class Asking:
    """What a provider is asked with: its address, the time, sleep, chance, and somebody who watches."""

    provider: ProviderName
    address: Address
    clock: Clock
    sleep: Sleep
    rng: Rng
    watch: Watch

    def sources(self, workspace: Workspace, *wanted: Wanted) -> tuple[Source, ...]:
        """The sources of one connection; a question that two of them ask is asked and counted once."""
        questions = Questions(self.watch)
        there = Connection(workspace, self.clock, self.sleep, self.rng, questions)
        connect = {"alpha-vantage": there.alpha_vantage, "fred": there.fred, "bls": there.bls}
        provider = connect[self.provider](self.address.key, self.address.url)
        return tuple(Watched(make(provider), questions) for make in wanted)


def _scheme_and_host(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        scheme, host, _ = parts.scheme, parts.hostname, parts.port
    except ValueError:
        scheme, host = "", None
    if scheme not in ("http", "https") or not host or set(url) & set("?@#"):
        raise BadConfig(f"{url!r} is no address", "write it as https://host or http://host:port")
    return scheme, host
