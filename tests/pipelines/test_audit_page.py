"""The page says what the audit does."""

import pytest

from tradewind.pipelines.audit_page import OURS, judge_columns, page


def test_columns_that_know_nothing_are_not_told() -> None:
    table = judge_columns("equity", 20, 400, range(2))
    assert table.tail(len(OURS))["told"].sum() == 0


@pytest.mark.slow  # makes the whole page; the tests of the catalogue judge smaller markets
def test_the_page_is_what_the_docs_hold(request: pytest.FixtureRequest) -> None:
    assert (request.config.rootpath / "docs" / "causality.md").read_text() == page()
