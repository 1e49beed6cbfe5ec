"""`Check`: one thing that the doctor looked at."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Check:
    """What was looked at, how it is, and what to do about it. It needs nothing that may be broken.

    >>> print(Check("port", "warning", "port 8000 is in use", "choose another with --port"))
    warning  port          port 8000 is in use: choose another with --port
    """

    name: str
    status: Literal["ok", "warning", "error"]
    detail: str
    remedy: str = ""

    def __str__(self) -> str:
        line = f"{self.status:8} {self.name:13} {self.detail}"
        return f"{line}: {self.remedy}" if self.remedy else line
