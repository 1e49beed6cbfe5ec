"""The pages: what is published is served, nothing else is, and every answer is harmless."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from tradewind.service import pages
from tradewind.service.pages import make_app
from tradewind.storage.files import publish_folder
from tradewind.storage.workspace import Workspace


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    workspace = Workspace(tmp_path / "my-market").create()
    report = {"index.html": "<h1>real</h1>", "scorecard.json": '{"passed":true}'}
    publish_folder(workspace.reports / "up", report)
    return workspace.reports


def ask(reports: Path, path: str, method: str = "GET") -> httpx.Response:
    async def asked() -> httpx.Response:
        through = httpx.ASGITransport(make_app(reports), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=through, base_url="http://tradewind") as client:
            return await client.request(method, path)

    return asyncio.run(asked())


def test_the_page_and_its_scorecard_are_served(reports: Path) -> None:
    page, card = ask(reports, "/"), ask(reports, "/scorecard.json")
    assert (page.text, page.headers["content-type"]) == (
        "<h1>real</h1>",
        "text/html; charset=utf-8",
    )
    assert (card.json(), card.headers["content-type"]) == ({"passed": True}, "application/json")


def test_a_new_report_is_served_without_a_restart(reports: Path) -> None:
    publish_folder(reports / "up", {"index.html": "newer"})
    assert ask(reports, "/").text == "newer"
    assert ask(reports, "/scorecard.json").status_code == 503


def test_ready_means_that_there_is_a_report(reports: Path, tmp_path: Path) -> None:
    assert ask(reports, "/healthz/ready").json() == {"ready": True}
    empty = ask(tmp_path / "empty", "/healthz/ready")
    assert empty.status_code == 503
    assert empty.json() == {"rule": "there is no report yet", "remedy": "run `tradewind up`"}
    assert ask(tmp_path / "empty", "/healthz/live").json() == {"live": True}


ELSEWHERE = ["/up/index.html", "/..%2f..%2fsecret", "/%2e%2e/secret", "/%00", "//etc/passwd"]


@pytest.mark.parametrize("path", [*ELSEWHERE, "/scorecard.json/", "/docs", "/openapi.json"])
def test_nothing_else_is_served(reports: Path, path: str) -> None:
    (reports.parent / "secret").write_text("secret")
    answer = ask(reports, path)
    assert answer.status_code == 404
    assert "secret" not in answer.text


def test_a_link_out_of_the_reports_is_not_followed(reports: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (reports / "up" / "index.html").unlink()
    (reports / "up" / "index.html").symlink_to(tmp_path / "secret")
    assert ask(reports, "/").status_code == 503


@pytest.mark.parametrize(
    ("path", "method", "status", "told"),
    [
        ("/nowhere", "GET", 404, {"rule": "Not Found", "remedy": "go to /"}),
        ("/", "POST", 405, {"rule": "Method Not Allowed", "remedy": "use GET"}),
        ("/", "DELETE", 405, {"rule": "Method Not Allowed", "remedy": "use GET"}),
    ],
)
def test_what_is_not_served_is_told_as_json(
    reports: Path, path: str, method: str, status: int, told: dict[str, str]
) -> None:
    answer = ask(reports, path, method)
    assert (answer.status_code, json.loads(answer.content)) == (status, told)


def test_what_breaks_is_told_without_its_inside(
    reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "read", lambda reports, name: 1 / 0)
    answer = ask(reports, "/")
    assert answer.status_code == 500
    assert answer.json() == {"rule": "something here is broken", "remedy": "look into the log"}


@pytest.mark.parametrize("path", ["/", "/scorecard.json", "/healthz/live", "/nowhere"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_every_answer_carries_the_headers_that_keep_it_harmless(
    reports: Path, path: str, method: str
) -> None:
    headers = ask(reports, path, method).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'unsafe-in")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
