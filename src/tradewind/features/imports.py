"""Which modules a text of Python imports, by name: what it computes may stand in any of them."""

import ast
from collections.abc import Iterator


def imported(text: str) -> set[str]:
    """Every name that may be a module, wherever it is imported; of `from a import b` both a and a.b.

    >>> sorted(imported("import numpy as np\\nfrom mine import WINDOW\\ndef f(): from . import beside"))
    ['beside', 'mine', 'mine.WINDOW', 'numpy']
    """
    return {name for node in ast.walk(ast.parse(text)) for name in _named(node)}


def _named(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (one.name for one in node.names)
    elif isinstance(node, ast.ImportFrom):
        inside = [node.module] if node.module else []
        yield from inside
        yield from (".".join([*inside, one.name]) for one in node.names)
