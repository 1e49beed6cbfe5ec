"""The pages: the latest report, its scorecard, and two addresses that say whether we are well.

Every answer, an error too, goes out through `answer`: one safe encoder, one set of headers. The report
is one self-contained page, so the browser is told to load nothing from anywhere and to obey no frame.
"""

from collections.abc import Mapping
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tradewind.core.errors import Refusal, WorkspaceError
from tradewind.storage.files import open_inside
from tradewind.storage.json_text import to_json

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
REMEDY = {404: "go to /", 405: "use GET", 503: "run `tradewind up`"}


def make_app(reports: Path) -> Starlette:
    """The application over a folder of reports; it reads the folder anew for each request."""

    def page(_: Request) -> Response:
        return answer(read(reports, "up/index.html"), media_type="text/html")

    def scorecard(_: Request) -> Response:
        return answer(read(reports, "up/scorecard.json"))

    def live(_: Request) -> Response:
        return answer(to_json({"live": True}))

    def ready(_: Request) -> Response:
        read(reports, "up/index.html")
        return answer(to_json({"ready": True}))

    routes = {
        "/": page,
        "/scorecard.json": scorecard,
        "/healthz/live": live,
        "/healthz/ready": ready,
    }
    app = Starlette(
        routes=[Route(path, endpoint) for path, endpoint in routes.items()],
        exception_handlers={HTTPException: refused, Exception: failed},
    )
    app.router.redirect_slashes = False  # a redirect would not go out through `answer`
    return app


def read(reports: Path, name: str) -> bytes:
    """A published file; 503 while there is none."""
    try:
        with open_inside(reports, name) as file:
            return file.read()
    except (WorkspaceError, Refusal):
        raise HTTPException(503, "there is no report yet") from None


def answer(
    body: bytes,
    status: int = 200,
    media_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Whatever we say, under the headers that keep it harmless."""
    return Response(body, status, {**HEADERS, **(headers or {})}, media_type)


def refused(_: Request, error: Exception) -> Response:
    """An answer that is no page: what was wrong, and what to do."""
    assert isinstance(error, HTTPException)
    told = {"rule": error.detail, "remedy": REMEDY.get(error.status_code, "go to /")}
    return answer(to_json(told), error.status_code, headers=error.headers)


def failed(_: Request, __: Exception) -> Response:
    """Our own fault, of which the log knows more than the answer tells."""
    return answer(to_json({"rule": "something here is broken", "remedy": "look into the log"}), 500)
