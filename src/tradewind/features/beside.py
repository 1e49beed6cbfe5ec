"""The text of a file of one's own, and of those that it imports from beside it."""

from collections.abc import Iterator
from pathlib import Path

from tradewind.features.imports import imported


def texts_of(file: Path) -> tuple[str, ...]:
    """The text of a file and of every file of its folder that it imports, and these in turn.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     for name, text in (("mine", "import numpy, rules"), ("rules", "WINDOW = 5"), ("other", "")):
    ...         _ = Path(folder, f"{name}.py").write_text(text)
    ...     texts_of(Path(folder, "mine.py"))
    ('import numpy, rules', 'WINDOW = 5')
    """
    found: dict[Path, str] = {}
    ahead = [file]
    while ahead:
        here = ahead.pop()
        if here not in found:
            found[here] = here.read_text()
            ahead += _beside(file.parent, imported(found[here]))
    return tuple(found[here] for here in sorted(found))


def _beside(folder: Path, names: set[str]) -> Iterator[Path]:
    for name in names:
        place = folder.joinpath(*name.split("."))
        files = place.with_name(f"{place.name}.py"), place / "__init__.py"
        yield from (file for file in files if file.is_file())
