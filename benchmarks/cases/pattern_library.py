"""The library of past episodes: one search with all its filters, and ten thousand episodes added for good."""

from dataclasses import dataclass
from itertools import cycle
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.episodes import made_episodes, vectors
from benchmarks.harness import Case, Demand

K = 16
QUERIES = 100
RECALL = 0.99


@dataclass
class Searched:
    """A library, what it is asked, and its folder, which goes with it."""

    library: Any
    queries: Any
    at: Any
    matrix: Any
    folder: TemporaryDirectory[str]
    turns: Any


def searched(count: int, kind: str = "walks") -> Searched:
    """A library whose 16 nearest are found as they are promised to be; else there is nothing to time."""
    from datetime import timedelta

    import numpy as np

    from tradewind.context.library import Lifecycle, PatternStorageEngine

    folder = TemporaryDirectory()
    library = PatternStorageEngine(folder.name, Lifecycle(alike=1.0))
    made = made_episodes(count, kind)
    library.add(made)
    queries = vectors(QUERIES, kind, seed=8).astype(np.float64)
    at = made.table["known_at"].max() + timedelta(days=1)  # type: ignore[operator]
    given = Searched(library, queries, at, made.vectors, folder, cycle(queries))
    if (found := recall(given)) < RECALL:
        raise ValueError(f"recall of the {K} nearest is {found:.4f}, below {RECALL}")
    return given


def a_million(_: int) -> Searched:
    """The library that is searched one query at a time."""
    return searched(1_000_000)


def recall(given: Searched) -> float:
    """The share of the truly nearest that searches find."""
    import numpy as np

    shares = []
    for query in given.queries:
        exact = np.sort(given.matrix @ query.astype(np.float32))[-K:]
        found = [near for _, near in given.library.search(query, K, given.at)]
        shares.append(np.mean(np.array(found) >= exact[0] - 1e-6))
    return float(np.mean(shares))


def search_each(given: Searched) -> int:
    """A hundred searches, one after the other."""
    return sum(len(given.library.search(query, K, given.at)) for query in given.queries)


def search_one(given: Searched) -> int:
    """One search, of another query than the one before it."""
    return len(given.library.search(next(given.turns), K, given.at))


def product_of_one(given: Searched) -> None:
    """The inner products of one query alone."""
    import numpy as np

    np.argpartition(given.matrix @ next(given.turns).astype(np.float32), -K)


def search_a_regime(given: Searched) -> int:
    """The same in one regime and without one symbol."""
    return sum(
        len(given.library.search(query, K, given.at, "normal", without="S7"))
        for query in given.queries
    )


def products(given: Searched) -> None:
    """The inner products alone, and which of them are the highest, with numpy."""
    import numpy as np

    for query in given.queries:
        np.argpartition(given.matrix @ query.astype(np.float32), -K)


def added(count: int) -> Any:
    """Episodes that are not kept yet."""
    return made_episodes(count)


def add_all(made: Any) -> int:
    """A library of them, checked, without duplicates, on the disk for good, ready to be searched."""
    from tradewind.context.library import PatternStorageEngine

    with TemporaryDirectory() as folder:
        added: int = PatternStorageEngine(folder).add(made)
        return added


def write_file(made: Any) -> None:
    """The same rows as one Parquet file, unchecked and unsynced."""
    with TemporaryDirectory() as folder:
        made.table.write_parquet(f"{folder}/patterns.parquet")


def _search(name: str, what: str, run: Any, sizes: tuple[int, ...], seconds: float) -> Case:
    return Case(
        name=name,
        what=f"{QUERIES} searches for the {K} nearest, {what}",
        prepare=searched,
        run=run,
        reference=products,
        reference_is="the products alone, numpy",
        dial="episodes",
        sizes=sizes,
        demand=Demand("wall_s", QUERIES * seconds),
    )


CASES = (
    _search("pattern_search", "exactly", search_each, (625, 2_500, 10_000), 0.0005),
    _search(
        "pattern_search_filtered",
        "exactly, filtered",
        search_a_regime,
        (625, 2_500, 10_000),
        0.0005,
    ),
    _search(
        "pattern_search_cells",
        "by cells above 100,000",
        search_each,
        (62_500, 250_000, 1_000_000),
        0.003,
    ),
    Case(
        name="pattern_search_slowest",
        what=f"one search for the {K} nearest of a million, by one thread",
        prepare=a_million,
        run=search_one,
        reference=product_of_one,
        reference_is="the products alone, numpy",
        demand=Demand("wall_s", 0.003, share=0.95),
    ),
    Case(
        name="pattern_add",
        what="keep new episodes",
        prepare=added,
        run=add_all,
        reference=write_file,
        reference_is="a Parquet file, unchecked, unsynced",
        dial="episodes",
        sizes=(625, 2_500, 10_000),
        demand=Demand("wall_s", 5.0),
    ),
)
