"""The source as the rules read it: one parsed file at a time, never imported."""

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Module:
    """One file. `place` is its path below the package, such as core/panel.py."""

    place: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """The room that it lives in, and "" for the package's own __init__.py.

        >>> Module("core/panel.py", ast.parse("")).room
        'core'
        """
        return self.place.partition("/")[0] if "/" in self.place else ""

    @cached_property
    def named(self) -> dict[str, str]:
        """What each imported name stands for, wherever in the file it is imported.

        >>> Module("a.py", ast.parse("import numpy as np; from time import time as t")).named
        {'np': 'numpy', 't': 'time.time'}
        """
        names: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first = alias.name.partition(".")[0]
                    names[alias.asname or first] = alias.name if alias.asname else first
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        return names

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and full name of everything imported, but for what only a type checker reads.

        >>> text = "import a.b\\nif TYPE_CHECKING:\\n    import c\\nelse:\\n    from d import e"
        >>> list(Module("a.py", ast.parse(text)).imports())
        [(1, 'a.b'), (5, 'd.e')]
        """
        for node in _at_run_time(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)

    def uses(self) -> Iterator[tuple[int, str]]:
        """Line and full name of everything imported or mentioned that comes from elsewhere.

        Imported names are traced to where they come from; builtins count as of `builtins`.

        >>> list(Module("a.py", ast.parse("import datetime as d; d.date.today(); eval('1')")).uses())
        [(1, 'datetime'), (1, 'datetime.date.today'), (1, 'builtins.eval')]
        """
        yield from self.imports()
        pending: list[ast.AST] = [self.tree]
        while pending:
            node = pending.pop()
            name = self.full_name(node)
            if name:
                yield node.lineno, name  # type: ignore[attr-defined]
            else:
                pending.extend(reversed(list(ast.iter_child_nodes(node))))

    def full_name(self, node: ast.AST) -> str | None:
        """`np.random.normal` as numpy.random.normal; None where it begins with no imported name."""
        if isinstance(node, ast.Attribute):
            owner = self.full_name(node.value)
            return f"{owner}.{node.attr}" if owner else None
        if isinstance(node, ast.Name):
            unknown = f"builtins.{node.id}" if node.id in dir(builtins) else None
            return self.named.get(node.id, unknown)
        return None

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Every call of something that has a full name."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and (name := self.full_name(node.func)):
                yield node, name


def read_modules(package: Path) -> list[Module]:
    """Every file of the package, parsed."""
    return [
        Module(
            str(path.relative_to(package)), ast.parse(path.read_text(encoding="utf-8"), str(path))
        )
        for path in sorted(package.rglob("*.py"))
    ]


def _at_run_time(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below this one, without the bodies of `if TYPE_CHECKING:`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for other in child.orelse:
                yield other
                yield from _at_run_time(other)
        else:
            yield child
            yield from _at_run_time(child)
