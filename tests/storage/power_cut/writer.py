"""Appends, compacts and puts documents, and says what is acknowledged: the process that is cut short.

`python -m tests.storage.power_cut.writer FOLDER FIRST COUNT [DROPPED]`; DROPPED names a sync that is left
out, to show that the simulated power cut sees it.
"""

import os
import sys
from pathlib import Path

from tests.storage.power_cut.rows import day, document
from tradewind.data.store import MarketStore
from tradewind.storage import control, delta_tables
from tradewind.storage.documents import Documents

DROPS = {
    "data file": lambda path: path.suffix == ".parquet" and path.parent.name != "_delta_log",
    "log entry": lambda path: path.suffix == ".json",
    "folder of the log": lambda path: path.name == "_delta_log",
    "folder of the table": lambda path: path.name == "bars",
}


def drop(name: str) -> None:
    """Leave out the syncs of one kind."""
    if name == "database":
        control._prepare = lambda connection, _: connection.execute("pragma synchronous = off")
        return
    sync, dropped = os.fsync, DROPS[name]

    def some(place: int) -> None:
        if not dropped(Path(f"/proc/self/fd/{place}").readlink()):
            sync(place)

    os.fsync = some


def main(folder: str, first: str, count: str, *dropped: str, out: int = 1) -> None:
    for name in dropped:
        drop(name)
    delta_tables.EVERY = 4
    stores = (MarketStore(folder), MarketStore(folder))  # two writers in turn
    documents = Documents(control.Control(Path(folder, "control.db")))
    for number in range(int(first), int(first) + int(count)):
        stores[number % 2].append(day(number))
        documents.put("days", str(number), document(number))
        os.write(out, f"ack {number}\n".encode())
        if number % 5 == 4:
            stores[number % 2].compact()


def append_to(said: str, folder: str, first: int) -> None:
    """Write until killed, and say in a file what is acknowledged."""
    out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    main(folder, str(first), "1000", out=out)


if __name__ == "__main__":
    main(*sys.argv[1:])
