"""What lies in the spool is gone when its job is, however that ends, and a living job keeps its own."""

from pathlib import Path

import polars as pl
import pytest

from tradewind.core import Panel
from tradewind.data.synthetic import make_market
from tradewind.pipelines.ingesting.spool import Spool, spooled
from tradewind.storage.workspace import Workspace

PANEL = make_market("crypto", 4, 30, seed=1).panel


def by_moment(panel: Panel) -> list[Panel]:
    return [Panel(rows) for rows in panel.table.partition_by("timestamp", maintain_order=True)]


@pytest.mark.parametrize("most_rows", [10, 1000])
def test_what_is_put_in_by_moment_is_taken_out_by_symbol(tmp_path: Path, most_rows: int) -> None:
    spool = Spool(tmp_path, most_rows)
    for part in by_moment(PANEL):
        spool.add(part)
    taken = spool.take(PANEL.symbols)
    assert Panel(taken) == PANEL
    assert spool.counts.rows() == [(name, 30) for name in PANEL.symbols]
    assert (len(list(tmp_path.iterdir())) > 0) == (most_rows < len(PANEL))


def test_symbols_that_never_came_have_no_rows(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 1000)
    spool.add(PANEL)
    assert spool.take(["NOBODY"]).schema["symbol"] == pl.Enum(["NOBODY"])
    assert len(spool.take(["NOBODY"])) == 0


@pytest.mark.parametrize("end", [None, ValueError, KeyboardInterrupt])
def test_nothing_is_left_however_the_job_ends(
    workspace: Workspace, end: type[BaseException] | None
) -> None:
    def job() -> None:
        with spooled(workspace) as spool:
            assert spool.folder.parent == workspace.path / "spool"
            if end:
                raise end

    if end:
        with pytest.raises(end):
            job()
    else:
        job()
    assert list((workspace.path / "spool").iterdir()) == []


def test_what_a_killed_job_left_is_swept_and_a_living_one_keeps_its_own(
    workspace: Workspace,
) -> None:
    left = workspace.path / "spool" / "killed"
    left.mkdir(parents=True)
    (left / "0.arrow").write_bytes(b"rows")
    with spooled(workspace) as living, spooled(workspace) as other:
        assert not left.exists()
        assert living.folder.exists()
        assert living.folder != other.folder
