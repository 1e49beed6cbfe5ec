"""`tradewind.yaml`: the one reader, which takes nothing that it does not understand.

Each section is a frozen dataclass owned by its room: its fields are the keys, their annotations the
types, their defaults what holds when the file or the key is missing, and `metadata["doc"]` what the
key is for. A field may be a dataclass itself, or a list of them. A room adds a section by writing that
dataclass; there is no schema beside it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import timedelta
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import yaml  # type: ignore[import-untyped]

from tradewind.core.errors import BadConfig, Misuse, nearest
from tradewind.storage.disk_errors import workspace_error

T = TypeVar("T")

KINDS: Mapping[Any, tuple[str, str]] = {
    int: ("a whole number", "write digits alone, such as 3"),
    float: ("a number", "write it with a point, such as 0.5 or 1.0e-6"),
    bool: ("true or false", "write true or false"),
    str: ("text", "put it in quotes"),
    timedelta: ("a length of time", "write it with its unit, such as 45d, 12h, 30m or 5s"),
}
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def read_config(path: Path, sections: Mapping[str, type[T]]) -> dict[str, T]:
    """The sections of the file, each as its dataclass; what is not in the file keeps its default.

    >>> from tempfile import TemporaryDirectory
    >>> @dataclass(frozen=True)
    ... class Guardrails:
    ...     most_per_name: float = 0.1
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "tradewind.yaml")
    ...     _ = file.write_text("guardrails:\\n  most_per_nam: 0.2\\n")
    ...     read_config(file, {"guardrails": Guardrails})
    Traceback (most recent call last):
    tradewind.core.errors.BadConfig: tradewind.yaml:2: there is no key 'guardrails.most_per_nam': did
    you mean 'most_per_name'?
    """
    reader = _Reader(path.name)
    given = reader.entries(_parse(path), sections, "section", "")
    return {name: reader.section(given.get(name), kind, name) for name, kind in sections.items()}


def default_config(sections: Mapping[str, type[object]]) -> str:
    """The file with every key there is, each commented out at its default.

    >>> from dataclasses import field
    >>> @dataclass(frozen=True)
    ... class Guardrails:
    ...     most_per_name: float = field(default=0.1, metadata={"doc": "share of equity"})
    >>> print(default_config({"guardrails": Guardrails}))
    # What can be set, at its default. To change a line, take the # away.
    <BLANKLINE>
    guardrails:
      # most_per_name: 0.1  # share of equity
    <BLANKLINE>
    """
    lines = ["# What can be set, at its default. To change a line, take the # away."]
    for name, kind in sections.items():
        lines += ["", f"{name}:", *_rendered(kind)]
    return "\n".join(lines) + "\n"


def _rendered(kind: type[Any]) -> Iterator[str]:
    default = kind()
    for field in fields(kind):
        value = getattr(default, field.name)
        plain = list(value) if isinstance(value, tuple) else value
        text = yaml.safe_dump(plain, default_flow_style=True, width=1000).removesuffix("...\n")
        doc = field.metadata.get("doc", "")
        yield f"  # {field.name}: {text.strip()}" + (f"  # {doc}" if doc else "")


def length_of(text: str) -> timedelta | None:
    """A length of time as people write it, with its unit; None where it is none.

    >>> length_of("45d"), length_of("90m") == length_of("1.5h"), length_of("monthly")
    (datetime.timedelta(days=45), True, None)
    """
    found = re.fullmatch(r"(\d{1,5}(?:\.\d+)?)([smhd])", text.strip())
    return timedelta(**{UNITS[found[2]]: float(found[1])}) if found else None


def _parse(path: Path) -> Any:
    """The file as YAML nodes, which know their lines; None for a file that is missing or empty."""
    try:
        return yaml.compose(path.read_text("utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise workspace_error(error, path) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{path.name}:{mark.line + 1}" if mark else path.name
        raise BadConfig(f"{where} is not YAML ({error.problem})", "mend that line") from error
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise BadConfig(f"{path.name} is not YAML", "write it as UTF-8 text") from error


@dataclass(frozen=True)
class _Reader:
    """Reads nodes by the annotations they are meant for, and names the line of what does not fit."""

    file: str

    def section(self, node: Any, kind: type[T], name: str) -> T:
        known: dict[str, Field[Any]] = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
        given = self.entries(node, known, "key", f"{name}.")
        kinds = get_type_hints(kind)
        values = {key: self.value(one, kinds[key], f"{name}.{key}") for key, one in given.items()}
        for key, field in known.items():
            if key not in given and field.default is field.default_factory is MISSING:
                raise self.wrong(node, f"{name!r} has no key {key!r}", f"write `{key}: value`")
        try:
            return kind(**values)
        except Misuse as error:
            raise BadConfig(f"{self.file}: {name}: {error.rule}", error.remedy) from error

    def entries(
        self, node: Any, known: Mapping[str, object], what: str, prefix: str
    ) -> dict[str, Any]:
        """A mapping's nodes by their keys, each known and given once."""
        if node is None or _is_null(node):
            return {}
        if not isinstance(node, yaml.MappingNode):
            of = repr(prefix[:-1]) if prefix else "the file"
            raise self.wrong(
                node, f"{of} is not a list of keys", f"write one `{what}: value` a line"
            )
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value)
            if name not in known:
                rule = f"there is no {what} {prefix + name!r}"
                raise self.wrong(key, rule, nearest(name, known))
            if name in found:
                raise self.wrong(key, f"{prefix + name!r} is given twice", "keep one of them")
            found[name] = value
        return found

    def value(self, node: Any, kind: Any, name: str) -> Any:
        """The value of one node, of the kind that its field is annotated with."""
        if get_origin(kind) in (Union, UnionType):
            if _is_null(node):
                return None
            (kind,) = (one for one in get_args(kind) if one is not NoneType)
        if get_origin(kind) is tuple:
            return self.several(node, get_args(kind)[0], name)
        if get_origin(kind) is Literal:
            return self.choice(node, get_args(kind), name)
        if isinstance(kind, type) and is_dataclass(kind):
            return self.section(node, kind, name)
        return self.scalar(node, kind, name)

    def several(self, node: Any, kind: Any, name: str) -> tuple[Any, ...]:
        if not isinstance(node, yaml.SequenceNode):
            raise self.wrong(node, f"{name!r} is not a list", "write [one, another]")
        return tuple(self.value(one, kind, name) for one in node.value)

    def choice(self, node: Any, choices: tuple[Any, ...], name: str) -> Any:
        given = self.plain(node, name)
        if given not in choices:
            rule = f"{name!r} is {given!r}"
            raise self.wrong(node, rule, nearest(str(given), map(str, choices)))
        return given

    def scalar(self, node: Any, kind: Any, name: str) -> Any:
        given = self.plain(node, name)
        if kind is float and type(given) is int:
            given = float(given)
        if kind is timedelta and isinstance(given, str):
            given = length_of(given)
        finite = not isinstance(given, float) or abs(given) < float("inf")
        if type(given) is not kind or not finite:
            wanted, remedy = KINDS[kind]
            raise self.wrong(node, f"{name!r} is {node.value!r}, not {wanted}", remedy)
        return given

    def plain(self, node: Any, name: str) -> Any:
        """What YAML takes a single value for; an impossible date is the text that it is."""
        if not isinstance(node, yaml.ScalarNode):
            raise self.wrong(node, f"{name!r} holds several values", "give it one")
        try:
            return yaml.SafeLoader("").construct_object(node)
        except ValueError:
            return node.value
        except yaml.YAMLError:
            raise self.wrong(node, f"{name!r} has the tag {node.tag!r}", "take it away") from None

    def wrong(self, node: Any, rule: str, remedy: str) -> BadConfig:
        return BadConfig(f"{self.file}:{node.start_mark.line + 1}: {rule}", remedy)


def _is_null(node: Any) -> bool:
    return bool(node.tag == "tag:yaml.org,2002:null")
