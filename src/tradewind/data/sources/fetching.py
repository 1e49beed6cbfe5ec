"""`Fetcher`: the one file that speaks HTTP. It waits its turn, asks again when that helps, and keeps keys.

Requests go to httpx's transport and not through its client, because the client writes every URL into
the log, and some providers want their key in the URL. Redirects are not followed, for the same reason.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from logging import INFO, getLogger
from typing import TYPE_CHECKING, Any, Literal

from tradewind.core import Clock, Rng
from tradewind.core.errors import Misuse, WorkspaceError
from tradewind.data.sources.answers import Question
from tradewind.data.sources.keys import Key
from tradewind.data.sources.patience import Busy, Pace, Patience, Sleep

if TYPE_CHECKING:
    from ssl import SSLContext

    import httpx

MOST_BYTES = 256_000_000
MOST_TIME = timedelta(minutes=5)
TIMEOUT_S = {"connect": 10.0, "read": 30.0, "write": 10.0, "pool": 10.0}
Judge = Callable[[Any], None]
"""Looks at a payload: raises `Busy` to be asked again, an error of ours where that is no use."""


@dataclass(frozen=True)
class Fetcher:
    """Asks one provider. Where the key goes (`key_in`) and what it is called there, the provider says."""

    url: str
    key: Key | None
    key_name: str
    pace: Pace
    rng: Rng
    key_in: Literal["params", "body"] = "params"
    patience: Patience = field(default_factory=Patience)

    @property
    def clock(self) -> Clock:
        """Whose time it is."""
        return self.pace.clock

    @property
    def sleep(self) -> Sleep:
        """How it waits."""
        return self.pace.sleep

    def fetch(self, question: Question, judge: Judge) -> bytes:
        """The body of a good answer, asked for until patience ends."""
        said = ""
        for tried in range(self.patience.tries):
            self.pace.wait()
            try:
                return self._ask(question, judge)
            except Busy as busy:
                said = self._blotted(str(busy))
                pause = self.patience.pause(tried, self.rng, busy.wait_s)
                if pause is None:
                    said = f"{said}, come back in {busy.wait_s:,.0f} s"
            except (Misuse, WorkspaceError) as error:
                rule = self._blotted(f"{question}: {error.rule}")
                raise type(error)(rule, error.remedy) from None
            if pause is None or tried + 1 == self.patience.tries:
                break
            self.sleep(pause, said)
        raise WorkspaceError(
            f"{self.url} did not answer {question} in {tried + 1} tries: {said}",
            "run it again later; what was answered already is kept and not asked again",
        )

    def _ask(self, question: Question, judge: Judge) -> bytes:
        status, headers, body = self._exchange(question)
        if status == 429 or status >= 500:
            wait_s = _retry_after(headers.get("retry-after"), self.clock.now())
            raise Busy(f"HTTP {status}", wait_s)
        try:
            text = body.decode("utf-8")
            payload = json.loads(text)
        except (ValueError, RecursionError):
            raise _no_json(status, body) from None
        try:
            judge(payload)
        except (Misuse, WorkspaceError) as error:
            told = error.rule if status == 200 else f"HTTP {status}: {error.rule}"
            raise type(error)(told, error.remedy) from None
        if status != 200:
            raise Misuse(f"{self.url} refuses it with HTTP {status}", "check what is asked")
        return self._blotted(text).encode()

    def _exchange(self, question: Question) -> tuple[int, Mapping[str, str], bytes]:
        import httpx

        # Below this level httpcore logs headers, and a redirect may have the key in one.
        getLogger("httpcore").setLevel(INFO)
        try:
            with httpx.HTTPTransport(verify=_trusted()) as transport:
                response = transport.handle_request(self._request(question))
                try:
                    return response.status_code, response.headers, _limited(response, self.clock)
                finally:
                    response.close()
        except httpx.RequestError as error:
            raise Busy(f"{type(error).__name__}: {error}") from None

    def _request(self, question: Question) -> "httpx.Request":
        import httpx

        params, body = dict(question.params), dict(question.body or {})
        if self.key:
            (params if self.key_in == "params" else body)[self.key_name] = self.key.secret
        return httpx.Request(
            "POST" if question.body else "GET",
            self.url + question.path,
            params=params,
            json=body if question.body else None,
            headers={"User-Agent": "tradewind", "Accept": "application/json"},
            extensions={"timeout": TIMEOUT_S},
        )

    def _blotted(self, text: str) -> str:
        return self.key.blot(text) if self.key else text


@cache
def _trusted() -> "SSLContext":
    """The authorities whose word is taken for who a server is; reading them takes longer than asking."""
    import httpx

    return httpx.create_ssl_context()


def _limited(response: "httpx.Response", clock: Clock) -> bytes:
    """The body, unpacked, within limits: a little can unpack to gigabytes, or trickle in for days."""
    parts, size, began = [], 0, clock.now()
    for part in response.iter_bytes():
        size += len(part)
        if clock.now() - began > MOST_TIME:
            raise Busy(f"an answer that was not whole after {MOST_TIME}")
        if size > MOST_BYTES:
            raise Misuse(
                f"an answer is larger than {MOST_BYTES // 1_000_000} MB", "ask for less at once"
            )
        parts.append(part)
    return b"".join(parts)


def _no_json(status: int, body: bytes) -> Exception:
    """A cut body is asked for again; a page of HTML with a refusal is not."""
    if status == 200:
        page = "a page of HTML" if body.lstrip().startswith(b"<") else "no JSON, or was cut"
        return Busy(f"an answer of {len(body)} bytes that is {page}")
    return Misuse(f"HTTP {status} and no JSON", "check the address of the provider")


def _retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds from a Retry-After of seconds or of a date; None where it is neither.

    >>> noon = datetime(2024, 1, 2, 12, tzinfo=UTC)
    >>> _retry_after("30", noon), _retry_after("Tue, 02 Jan 2024 12:01:00 GMT", noon)
    (30.0, 60.0)
    >>> _retry_after("soon", noon) is None
    True
    """
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max((until.astimezone(UTC) - now).total_seconds(), 0.0)
