"""`PatternStorageEngine`: past episodes kept for good, and those of them that look like this one."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from tradewind.context.library.consequences import (
    Change,
    Known,
    newest_told,
    with_consequences,
)
from tradewind.context.library.faiss_nearest import by_faiss
from tradewind.context.library.figures import LibraryStats
from tradewind.context.library.folding import folded, untold
from tradewind.context.library.index_file import Indexed, IndexFile
from tradewind.context.library.lifecycle import Lifecycle, quality
from tradewind.context.library.nearest import ExactNearest, Nearest, Vectors
from tradewind.context.library.shelf import NEVER, Kept, Shelf, Wanted, best
from tradewind.context.library.tables import (
    EXPIRED,
    USED,
    EpisodeTables,
    as_episodes,
    as_outcomes,
    events_of,
    numbers_of,
)
from tradewind.context.library.view import NOTHING, View, empty_shelf, past_after, shelf_of_the_past
from tradewind.core.arrays import Floats, Ints
from tradewind.core.clock import micros_of, utc
from tradewind.core.errors import BadTable, MissingExtra, Misuse, WorkspaceError
from tradewind.core.pattern import WIDTH, Pattern, Patterns
from tradewind.core.tables import micros
from tradewind.storage.holding import held
from tradewind.storage.objects import make_folder

Found = list[tuple[Pattern, float]]
SQUARABLE = 1e-100  # below it, and above its inverse, a square is none any more


class PatternStorageEngine:
    """The library of a workspace. It plays the role `PatternSearch`.

    An episode is found by those who ask about a moment at which it was known and something had followed
    it, and only what had followed by then is told:

    >>> from datetime import UTC
    >>> from tempfile import TemporaryDirectory
    >>> from tradewind.core import Outcome
    >>> day = [datetime(2024, 1, n, 21, tzinfo=UTC) for n in range(1, 9)]
    >>> unit = np.full(WIDTH, WIDTH**-0.5)
    >>> followed = {timedelta(days=1): Outcome(0.02, day[4]), timedelta(days=3): Outcome(-0.01, day[6])}
    >>> gap = Pattern("ACME", "gap", timedelta(days=1), day[1], day[3], day[3], unit, 0.9, followed=followed)
    >>> with TemporaryDirectory() as folder:
    ...     library = PatternStorageEngine(folder)
    ...     _ = library.add([gap])
    ...     [[(len(one.followed), round(near, 6)) for one, near in library.search(unit, 5, as_of=at)]
    ...         for at in (day[3], day[5], day[6])]
    [[], [(1, 1.0)], [(2, 1.0)]]
    """

    def __init__(
        self, path: Path | str, lifecycle: Lifecycle | None = None, generation: int | None = None
    ) -> None:
        if not isinstance(path, str | Path):
            raise Misuse(
                f"a library lies in a folder, not in a {type(path).__name__}", "give its path"
            )
        self.lifecycle = lifecycle or Lifecycle()
        self._tables = EpisodeTables(Path(path), generation)
        self._folder = self._tables.workspace.path / "library"
        self._past: tuple[View, Shelf] | None = None
        make_folder(self._folder)
        self.refresh()

    def refresh(self) -> None:
        """Look at the newest versions of the tables: another process may have added to them, or begun others."""
        with held(self._folder):
            self._load()

    def add(self, patterns: Iterable[Pattern] | Patterns) -> int:
        """Keep episodes for good, and what followed them; how many of them are new.

        One that is there already is not added again, but what is told of it for the first time is: an
        outcome may come later, and a corrected one has its own `resolved_at`.
        """
        made = patterns if isinstance(patterns, Patterns) else Patterns.of(patterns)
        if not len(made):
            return 0
        with self._writing():
            episodes, outcomes = as_episodes(made, self.lifecycle.lifespan), as_outcomes(made)
            numbers, starts = episodes["episode"].to_numpy(), micros(episodes["start"])
            known = self._meeting(numbers, int(starts.min()))
            states, vectors = known.of(numbers)
            _require_same((episodes, made.vectors), (states, vectors))
            new = ~episodes["episode"].is_in(states["episode"].implode())
            fresh = untold(episodes.filter(new)), made.vectors[new.to_numpy()]
            self._learn(known, fresh, _not_told(outcomes, states))
            return len(fresh[0])

    def search(
        self,
        query: Floats,
        k: int,
        as_of: datetime,
        regime: str | None = None,
        *,
        scale: timedelta | None = None,
        without: str | None = None,
        kinds: frozenset[str] | None = None,
    ) -> Found:
        """The k episodes most similar to a query as they stood at a moment, the nearest first, each with its
        cosine; of one regime, of one scale, without one symbol, of some kinds. All there are where those
        are fewer."""
        asked = _unit(query)
        if not isinstance(k, int | np.integer) or k < 1:
            raise Misuse(f"the {k} nearest episodes were asked for", "ask for 1 or more")
        view, at = self._view, micros_of(as_of)
        shelves = list(view.shelves)
        if at < view.past_until:
            shelves.append(self._ended(view))
        wanted = Wanted(at, regime, scale, without, kinds)
        hits = [hit for shelf in shelves for hit in shelf.search(asked, k, wanted)]
        return [(hit.shelf.rows.pattern(hit.row, at), -hit.distance) for hit in best(hits, k)]

    def used(self, patterns: Iterable[Pattern], gain: float, at: datetime) -> None:
        """Somebody answered with these episodes, and learnt at a moment that each had gained this much: a log
        score, or a CRPS, better than without them."""
        if not np.isfinite(gain):
            raise Misuse(f"a gain of {gain}", "give a finite number")
        with self._writing():
            named = numbers_of(Patterns.of(patterns).table)
            known = self._meeting(named.to_numpy())
            if strange := len(named) - len(known.of(named.to_numpy())[0]):
                raise Misuse(
                    f"{strange} of {len(named)} episodes are not in the library", "add them first"
                )
            told = pl.DataFrame({"episode": named, "value": gain}).with_columns(at=utc(at))
            self._learn(known, NOTHING, events_of(told, USED))

    def expire(self, now: datetime) -> int:
        """Put away the episodes whose time is over at a moment; how many. Searches about moments before
        that still find them."""
        with self._writing():
            living = self._view.states(("episode", "expires_at"))
            over = living.filter(pl.col("expires_at") <= utc(now))
            expired = events_of(over.rename({"expires_at": "at"}), EXPIRED)
            known = self._meeting(over["episode"].to_numpy())
            self._learn(known, NOTHING, expired)
            return len(over)

    def episodes(self) -> pl.DataFrame:
        """Every episode that there ever was, in the order in which they became known: its key, when it was
        created, expires, was superseded and by which, or let go; how often it was used, and its quality."""
        episodes, _, events = self._tables.read()
        states = folded(untold(episodes), events)
        worth = quality(states["uses"].to_numpy(), states["gained"].to_numpy())
        told = states.with_columns(created_at="known_at", quality=pl.Series(worth)).drop("gained")
        return told.sort("known_at", "episode")

    def stats(self) -> LibraryStats:
        """What there is."""
        view = self._view
        rows = [shelf.rows for shelf in view.shelves]
        in_memory = sum(one.states.estimated_size() + one.vectors.nbytes for one in rows)
        in_memory += view.large.nearest.size_bytes
        return LibraryStats(
            episodes=len(view),
            resolved=sum(
                int(np.count_nonzero(one.rows.seen[one.stays] < NEVER)) for one in view.shelves
            ),
            past=len(view.past),
            index=view.large.nearest.name,
            memory_mb=in_memory / 1e6,
            disk_mb=(self._tables.size_bytes + self._file.size_bytes) / 1e6,
        )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time, in all processes, and none on top of what it has not seen."""
        with held(self._folder):
            self._tables.follow()
            if self._tables.versions != self._versions:
                self._load()
            yield

    def _load(self) -> None:
        """The view of the newest tables, with the index of the file if it is of theirs."""
        self._tables.follow()
        versions = self._tables.versions
        episodes, vectors, events = self._tables.read()
        states = folded(untold(episodes), events)
        indexed = self._file.read()
        view = View.indexed(states, vectors, _index, indexed) if indexed else None
        unlearnt = indexed is None or not indexed.learnt
        made = View.of(states, vectors, _index) if view is None else view
        if view is None or (unlearnt and made.large.nearest.dump()):
            self._publish(made)
        self._view: View = made
        self._heard = newest_told(episodes, events)
        self._versions = versions

    @property
    def _file(self) -> IndexFile:
        generation = self._tables.generation
        name = f"patterns_{generation}.index" if generation > 1 else "patterns.index"
        return IndexFile(self._folder / name)

    def _publish(self, view: View) -> None:
        """Keep the index for the next start. On a full or a read-only disk it is made anew then: the tables
        hold everything, and nobody is to be refused for the sake of a cache."""
        rows = view.large.rows
        with suppress(WorkspaceError):
            self._file.write(Indexed(rows.episodes, rows.seen, view.large.nearest.dump()))

    def _meeting(self, episodes: Ints, earliest: int = NEVER) -> Known:
        """What a change of these episodes meets, of which the first begins then."""
        view = self._view
        concerned = view.concerns_the_past(episodes, earliest)
        return Known(view, self._ended(view) if concerned else empty_shelf(), self._heard)

    def _ended(self, view: View) -> Shelf:
        """Read when a search about an earlier moment or a change asks for it, and kept from then on."""
        kept = self._past
        if kept is None or kept[0] is not view:
            episodes, vectors, events = self._tables.read()
            past = episodes["episode"].is_in(pl.Series(view.past).implode())
            states = folded(untold(episodes), events).filter(past)
            kept = (view, shelf_of_the_past(states, vectors[past.to_numpy()]))
            self._past = kept
        return kept[1]

    def _learn(self, known: Known, new: Kept, events: pl.DataFrame) -> None:
        """Work out what follows from new episodes and events, write it all, and show it to searches."""
        if not len(new[0]) and not len(events):
            return
        before, past = self._view, self._past
        change = with_consequences(Change.of(known, new, events), known, self.lifecycle)
        self._tables.append(*new, change.events)
        self._heard = max(self._heard, newest_told(new[0], change.events))
        view = before.changed(*change.after, _index)
        if past is not None and past[0] is before:
            self._past = (view, past_after(past[1], *change.after))
        self._view = view
        self._versions = self._tables.versions
        if view.large is not before.large and not len(view.small.rows):
            self._publish(view)


def _index(vectors: Vectors, learnt: bytes) -> Nearest:
    """FAISS where it is installed; else numpy, which finds the same."""
    try:
        return by_faiss(vectors, learnt)
    except MissingExtra:
        return ExactNearest(vectors)


def _unit(query: Floats) -> Floats:
    """The query at length one; what has no direction is refused."""
    try:
        asked = np.asarray(query, dtype=np.float64)
    except (TypeError, ValueError):
        raise Misuse(
            f"a query that is a {type(query).__name__}", f"give ({WIDTH},) numbers"
        ) from None
    if asked.shape != (WIDTH,):
        raise Misuse(f"a query of shape {asked.shape}", f"give ({WIDTH},) numbers")
    if not np.isfinite(asked).all():
        raise Misuse("a query with NaN or infinity in it", "leave the moment out, or fill its bars")
    largest = float(abs(asked).max())
    if not largest:
        raise Misuse("a query of zeros resembles nothing", "embed a window in which prices moved")
    if not SQUARABLE < largest < 1 / SQUARABLE:
        asked = asked / largest
    unit: Floats = asked / float(np.linalg.norm(asked))
    return unit


def _require_same(made: Kept, known: Kept) -> None:
    """Refuse an episode that is there with another content. Its regime is the one that it came with: what
    is said of that moment later is another story."""
    (episodes, vectors), (states, known_vectors) = made, known
    if not len(states):
        return
    both = episodes.with_row_index("place").join(
        states.with_row_index("held"), "episode", suffix=" held"
    )
    differs = pl.any_horizontal(
        pl.col(name).ne_missing(pl.col(f"{name} held")) for name in ("direction", "confidence")
    )
    moved = (vectors[both["place"]] != known_vectors[both["held"]]).any(axis=1)
    other = both.filter(differs | pl.Series(moved))
    if len(other):
        one = other.row(0, named=True)
        raise BadTable(
            f"{len(other)} episodes are in the library with other content, first a {one['kind']} of "
            f"{one['symbol']!r} known at {one['known_at']}",
            "an episode never changes; keep those of another detector or embedding in another workspace",
        )


def _not_told(outcomes: pl.DataFrame, states: pl.DataFrame) -> pl.DataFrame:
    """The outcomes that are not known yet; one that is known with another value is refused."""
    told = states.select("episode", "followed").filter(pl.col("followed").list.len() > 0)
    known = told.explode("followed").unnest("followed").rename({"resolved_at": "at"})
    keys = ("episode", "horizon", "at")
    other = outcomes.join(known, keys).filter(pl.col("value") != pl.col("value_right"))
    if len(other):
        one = other.row(0, named=True)
        raise BadTable(
            f"{len(other)} outcomes are known with other values, first {one['value_right']} within "
            f"{one['horizon']}, and now {one['value']}",
            "give a correction its own resolved_at; what was known is never overwritten",
        )
    return outcomes.join(known, keys, "anti", maintain_order="left")
