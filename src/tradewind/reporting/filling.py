"""Pages from templates: every value escaped, and nothing missing by mistake."""

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment


def filled(template: str, values: Mapping[str, Any]) -> str:
    """A page of the folder of templates with these values in it; what is no Unicode becomes `?`."""
    page = _templates().get_template(template).render(values)
    return page.encode("utf-8", "replace").decode("utf-8")


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["digest"] = digest
    return templates


def digest(part: str) -> str:
    """The name by which a content security policy knows a script or a style.

    >>> digest("")
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    return f"sha256-{b64encode(sha256(part.encode()).digest()).decode()}"
