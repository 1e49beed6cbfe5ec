"""`Key`: a provider's key, which nobody sees by accident."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tradewind.core.errors import BadConfig
from tradewind.storage.disk_errors import named


@dataclass(frozen=True)
class Key:
    """A secret that does not print itself.

    >>> key = Key("DEMO123")
    >>> print(key, [key])
    *** [Key()]
    >>> key.blot("we have detected your API key as DEMO123")
    'we have detected your API key as ***'
    """

    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if not self.secret.strip() or not self.secret.isprintable() or " " in self.secret:
            raise BadConfig(
                "a key is empty, or has spaces or line breaks in it", "copy it again, whole"
            )

    def __str__(self) -> str:
        return "***"

    def blot(self, text: str) -> str:
        """The text with the key crossed out, for providers like to repeat it."""
        return text.replace(self.secret, "***")


def find_key(name: str, environ: Mapping[str, str], file: Path | None = None) -> Key:
    """The key in a file, or in the environment under that name; nowhere else is looked.

    >>> find_key("ALPHAVANTAGE_API_KEY", {})
    Traceback (most recent call last):
    tradewind.core.errors.BadConfig: there is no key ALPHAVANTAGE_API_KEY: set it in the environment...
    """
    if file is not None:
        with named(file):
            return Key(file.read_text("utf-8").strip())
    if name not in environ:
        raise BadConfig(
            f"there is no key {name}", "set it in the environment, or give a file that holds it"
        )
    return Key(environ[name].strip())
