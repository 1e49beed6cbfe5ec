"""The library of past episodes: which of them look like this one, and what followed them.

    PatternStorageEngine          engine.py         add, search, expire, used, stats
    Lifecycle                     lifecycle.py      how alike is the same, how long and how many are kept
    EpisodeTables                 tables.py         the truth: two tables that only grow
    Generations                   generations.py    which tables are the library, and which were before them
    folded                        folding.py        episodes and what became known of them, row by row
    with_consequences             consequences.py   who supersedes whom, and who is let go
    same_episodes                 duplicates.py     overlapping episodes that look the same
    View                          view.py           all that searches see at one moment
    Rows, Shelf                   shelf.py          episodes laid out so that a search can pass over them
    Nearest, ExactNearest         nearest.py        who is near: the exact scan, without any extra
    scores                        scan.py           the scan itself
    FaissExact, FaissCells        faiss_nearest.py  the same by FAISS, and its cells for very many
    IndexFile                     index_file.py     the cache that may be lost at any time
    LibraryStats                  figures.py        what there is, in figures

The tables are the truth and the index is a cache: what is lost of it is made anew.
"""

from tradewind.context.library.engine import PatternStorageEngine
from tradewind.context.library.figures import LibraryStats
from tradewind.context.library.lifecycle import Lifecycle

__all__ = ["LibraryStats", "Lifecycle", "PatternStorageEngine"]
