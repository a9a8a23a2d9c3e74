"""The `ccapi` lines of messages, and the links to the page about troubleshooting."""

import re

import pytest

from reporter.message import Occasion
from reporter.operator_commands import operator_command, troubleshooting
from tests.reporter.examples import settings
from tests.stacks import ROOT

URL = "https://docs.example.com/ccapi"
NOT_EXPLAINED = {Occasion.SUCCEEDED, Occasion.OK, Occasion.TEST}


@pytest.mark.parametrize("occasion", sorted(set(Occasion) - NOT_EXPLAINED))
@pytest.mark.parametrize("docs_url", [URL, f"{URL}/"])
def test_the_link_leads_to_a_heading_of_the_page(occasion: Occasion, docs_url: str) -> None:
    (link,) = troubleshooting(settings(docs_url=docs_url), occasion)
    page, _, anchor = link.url.partition("#")
    assert page == f"{URL}/troubleshooting.html"
    text = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    anchors = {heading.lower().replace(" ", "-") for heading in re.findall(r"^## (.+)$", text, re.MULTILINE)}
    assert anchor in anchors


@pytest.mark.parametrize("occasion", Occasion)
def test_without_an_address_of_the_documentation_there_is_no_link(occasion: Occasion) -> None:
    assert troubleshooting(settings(docs_url=""), occasion) == ()


def test_a_line_names_the_stack() -> None:
    assert operator_command(settings(), "Why:", "dlq redrive", "schedule").line == (
        "ccapi dlq redrive schedule --stack prod"
    )
