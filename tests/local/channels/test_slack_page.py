"""Slack messages as text and as a page: complete, and safe for any content."""

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.channels.mrkdwn import Kind, Span, spans
from local.channels.slack_blocks import mistakes
from local.channels.slack_page import slack_page
from local.channels.slack_text import slack_text
from reporter.channels.slack import payload
from reporter.message import Command, Group, Link, Message, Occasion
from tests.reporter.examples import SETTINGS

TIME = "2026-11-29T08:20:27.575+00:00"
_VOID = frozenset({"meta", "hr"})


class Page(HTMLParser):
    """The elements, texts and links of a page; fails unless each element is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


def shown(*messages: Any) -> Page:
    return Page(slack_page([{"received_at": TIME, "message": message} for message in messages]))


def message(text: str, url: str = "https://example.com/") -> Message:
    return Message(
        id="1",
        occasion=Occasion.PARTIAL,
        subject="s",
        headline=f"H {text}",
        lines=(f"L {text}",),
        groups=(Group(f"G {text}", (f"R {text}",)),),
        details=(f"D {text}",),
        links=(Link(f"B {text}", url, f"A {text}"),),
        commands=(Command(f"P {text}", f"C {text}"),),
        footer=(f"F {text}",),
    )


MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>&amp;\"'"


def test_every_part_of_a_message_is_on_the_page() -> None:
    page = shown(payload(message("part"), SETTINGS, {"mention": "<!here>"}))
    assert [f"{letter} part" for letter in "HLGRDBAPCF" if f"{letter} part" not in page.text] == []
    assert "@here" in page.text
    assert {"h2", "section", "pre", "time", "a"} <= set(page.tags)
    assert ("href", "https://example.com/") in page.attributes


def test_every_part_of_a_message_is_in_the_text() -> None:
    title, body = slack_text(payload(message("part"), SETTINGS, {}))
    assert title == "ccapi prod: H part"
    assert [f"{letter} part" for letter in "LGRDBAPCF" if f"{letter} part" not in body] == []
    assert "B part: https://example.com/" in body
    assert "```" not in body


def test_markup_in_texts_is_shown_and_not_obeyed() -> None:
    page = shown(
        payload(message(MARKUP, f"https://example.com/?a=1&b={MARKUP}"), SETTINGS, {"mention": MARKUP})
    )
    assert not {"script", "img"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert page.text.count(MARKUP) >= 9


@pytest.mark.parametrize(
    "text",
    [
        "<javascript:alert(1)|click>",
        "<data:text/html,x|click>",
        '<https://x/" onclick="alert(1)|click>',
        "<https://x/|<b>click>",
        '<!here|"><script>alert(1)</script>',
        "`<script>`",
        "```</pre><script>```",
        "*</b><script>*",
    ],
)
def test_markup_of_slack_makes_no_markup_of_a_page(text: str) -> None:
    page = shown({"text": text}, {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]})
    assert not {"script", "img"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert all(value.startswith("http") for name, value in page.attributes if name == "href" and value)


def test_the_page_loads_nothing() -> None:
    page = shown(payload(message("part"), SETTINGS, {}))
    assert not {"script", "link", "img", "iframe", "object", "base", "form"} & set(page.tags)
    assert {name for name, _ in page.attributes} <= {
        *("lang", "charset", "name", "content", "http-equiv", "class", "datetime"),
        *("href", "target", "rel"),
    }
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes


def test_characters_that_hide_or_reorder_text_are_visible() -> None:
    page = shown({"text": "a\u202eb\x1b[2J\ud800"})
    assert "a\\u202eb\\u001b[2J\\ud800" in page.text
    slack_page([{"received_at": TIME, "message": {"text": "\ud800"}}]).encode("utf-8")


def test_each_message_is_an_article() -> None:
    assert shown({"text": "1"}, {"text": "2"}, {"text": "3"}).tags.count("article") == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jakarta_north_sprawl", [Span(Kind.TEXT, "jakarta_north_sprawl")]),
        ("2 * 3 * 4", [Span(Kind.TEXT, "2 * 3 * 4")]),
        ("a *b* c", [Span(Kind.TEXT, "a "), Span(Kind.BOLD, "b"), Span(Kind.TEXT, " c")]),
        ("_b_ ~c~", [Span(Kind.ITALIC, "b"), Span(Kind.TEXT, " "), Span(Kind.STRUCK, "c")]),
        ("`a*b*c`", [Span(Kind.CODE, "a*b*c")]),
        ("```\na &lt; b\n```", [Span(Kind.BLOCK, "a < b")]),
        ("<!here>", [Span(Kind.MENTION, "@here")]),
        ("<@U012AB3CD>", [Span(Kind.MENTION, "@U012AB3CD")]),
        ("<!subteam^S012AB3CD>", [Span(Kind.MENTION, "@S012AB3CD")]),
        ("<#C1|alerts>", [Span(Kind.MENTION, "#alerts")]),
        ("<https://x/?a&amp;b|c>", [Span(Kind.LINK, "c", "https://x/?a&b")]),
        ("<https://x/>", [Span(Kind.LINK, "https://x/", "https://x/")]),
        ("<ftp://x/>", [Span(Kind.TEXT, "<ftp://x/>")]),
        ("&amp;lt;", [Span(Kind.TEXT, "&lt;")]),
    ],
)
def test_mrkdwn_is_read_as_slack_reads_it(text: str, expected: list[Span]) -> None:
    assert list(spans(text)) == expected


_TEXTS = st.text(alphabet="ab *_~`<>|&;!@#/:\n\"'", min_size=1, max_size=40)
_PLAIN = st.fixed_dictionaries({"type": st.just("plain_text"), "text": _TEXTS})
_ANY = _PLAIN | st.fixed_dictionaries({"type": st.just("mrkdwn"), "text": _TEXTS})
_BLOCKS = st.one_of(
    st.fixed_dictionaries({"type": st.just("header"), "text": _PLAIN}),
    st.fixed_dictionaries({"type": st.just("section"), "text": _ANY, "fields": st.none() | st.just([])}),
    st.fixed_dictionaries({"type": st.just("section"), "fields": st.lists(_ANY, max_size=3)}),
    st.fixed_dictionaries({"type": st.just("context"), "elements": st.lists(_ANY, max_size=3)}),
    st.just({"type": "divider"}),
)


@given(st.lists(_BLOCKS, max_size=4))
def test_all_accepted_blocks_can_be_rendered(blocks: list[dict[str, Any]]) -> None:
    if not mistakes(blocks):
        given_message = {"text": "x", "blocks": blocks}
        assert not {"script", "img"} & set(shown(given_message).tags)
        slack_text(given_message)
