"""The playbook quotes the program: every message in it is one that the source can say."""

import ast
import re
from functools import cache

import pytest

from tools.rooms import ROOT
from tradewind.cli.app import GROUPS, VERBS

PLAYBOOK = (ROOT / "docs/playbook.md").read_text(encoding="utf-8")
SAID = re.findall(
    r"^    (error: .*|(?:error|warning) [a-z_]+\.[a-z_]+ in .*)$", PLAYBOOK, re.MULTILINE
)
COMMANDS = re.findall(r"^    tradewind (.*?)(?: +#.*)?$", PLAYBOOK, re.MULTILINE)
TELLING = 12  # letters of a message that are its own
SECTIONS = (
    "Strict mode refused a file", "The quarantine grows", "Clocks", "Duplicates with other content",
    "Labels that say nothing", "Labels fitted elsewhere", "Values carried on too long",
    "Too little to learn from", "A damaged table", "A provider throttles", "The disk is full",
)  # fmt: skip


@cache
def texts() -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Every text in the source: plain ones, and patterns with anything where a value is put in."""
    files = sorted((ROOT / "src").rglob("*.py"))
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8")))]
    plain = [node.value for node in nodes if isinstance(node, ast.Constant)]
    filled = [node for node in nodes if isinstance(node, ast.JoinedStr) and says(letters(node))]
    return frozenset(text for text in plain if isinstance(text, str) and says(text)), tuple(
        re.compile(
            "".join(
                re.escape(one.value) if isinstance(one, ast.Constant) else ".+?"
                for one in node.values
            )
        )
        for node in filled
    )


def letters(node: ast.JoinedStr) -> str:
    return "".join(str(one.value) for one in node.values if isinstance(one, ast.Constant))


def says(text: str) -> bool:
    return len(re.findall("[a-z]", text)) >= TELLING and "\n" not in text


def is_text(sentence: str) -> bool:
    plain, filled = texts()
    return sentence in plain or any(one.fullmatch(sentence) for one in filled)


def is_rule(rule: str) -> bool:
    """A text of the source, or one behind a word or two that say where; of what checks say of rows, that too."""
    words = rule.split(" ")
    said = any(is_text(" ".join(words[skipped:])) for skipped in range(3))
    return said and all(is_text(what) for what in re.findall(r"of [\d,]+ rows (.*?), first ", rule))


def is_said(message: str) -> bool:
    """Whether the source says what is wrong, and what to do about it."""
    if found := re.fullmatch(r"\w+ [\w.]+ in .+?: (.*) \(remedy: (.*)\)", message):
        return is_rule(found[1]) and is_text(found[2])
    told = message.removeprefix("error: ")
    cuts = [cut.start() for cut in re.finditer(": ", told)]
    return any(is_text(told[cut + 2 :]) and is_rule(told[:cut]) for cut in cuts)


def test_there_are_messages_and_commands_to_hold_against_the_source() -> None:
    assert len(SAID) == 23
    assert len(COMMANDS) == 17


@pytest.mark.parametrize("message", SAID)
def test_every_message_is_one_that_the_source_says(message: str) -> None:
    assert is_said(message)


@pytest.mark.parametrize(
    "message",
    [
        "error: the moon is so very full: free some space, or choose another folder",
        "error: my-market: there is no space left: buy another",
        "warning bars.stale in ACME: 12 of 980 rows are tired, first ACME at noon: late "
        "(remedy: check whether the feed stood still, or nobody traded)",
    ],
)
def test_a_message_that_nobody_says_would_be_seen(message: str) -> None:
    assert not is_said(message)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_names_a_verb_that_there_is(command: str) -> None:
    verb, sub = command.split()[:2]
    names = (
        {one.name or one.callback.__name__ for one in GROUPS[verb].registered_commands}
        if verb in GROUPS
        else set()
    )
    assert verb in VERBS or sub in names


def test_there_is_a_section_for_each_failure_and_a_line_to_it() -> None:
    assert tuple(re.findall(r"^## (.*)$", PLAYBOOK, re.MULTILINE)) == SECTIONS
    assert tuple(re.findall(r"^- \[(.*?)\]\(#", PLAYBOOK, re.MULTILINE)) == SECTIONS
