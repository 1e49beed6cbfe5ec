"""The page on features across symbols shows what its command finds in real data."""

from pathlib import Path

from docs.signals import PAGE, SPECS, fused, table


def test_the_table_of_real_signals_is_what_the_command_writes(shared: Path) -> None:
    found = fused(shared / "data")
    assert table(found) in PAGE.read_text(encoding="utf-8")
    assert len(SPECS) >= 5
