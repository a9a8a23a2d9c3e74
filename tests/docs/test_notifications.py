import re
import time
import xml.etree.ElementTree as ET
from dataclasses import fields

import pytest

from components.resources.alarms import alarms
from docs.generated import GENERATED
from docs.notifications.drawing import INNER, THEMES, WIDTH
from docs.notifications.examples import ALARM, STACK, examples, messages, names, settings
from docs.notifications.fields import outcome_fields
from docs.notifications.lines import width, wrapped
from docs.notifications.page import page
from docs.notifications.pictures import CARDS, TITLES, drawn
from docs.notifications.signature_check import is_genuine
from docs.stack_files import settings_of
from reporter.channels import CHANNELS
from reporter.channels.email import mail
from reporter.channels.webhook import signature
from reporter.message import Occasion
from reporter.outcome import Outcome

EXAMPLES = list(examples())
PAGE = page()
SVG = "{http://www.w3.org/2000/svg}"


def parsed(picture: str) -> ET.Element:
    return ET.fromstring(picture)  # noqa: S314  it is this project's own


def test_there_is_an_example_of_each_kind() -> None:
    assert list(TITLES) == EXAMPLES
    assert {message.occasion for message in messages().values()} == {
        Occasion.SUCCEEDED,
        Occasion.PARTIAL,
        Occasion.FAILED,
        Occasion.MISSED,
        Occasion.ALARM,
    }


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name != ALARM])
def test_an_example_is_an_outcome_of_the_stack(name: str) -> None:
    example = examples()[name]
    assert example.keys() <= {field.name for field in fields(Outcome)}
    of_machine = names().arn("states", f"execution:{names().machine}:")
    assert example.get("execution", of_machine).startswith(of_machine)


def test_the_alarm_is_one_of_the_stack() -> None:
    stack = settings_of(STACK)
    known = {
        names().resource_name(alarm.what): alarm
        for alarm in alarms(names(), timeout_seconds=stack.run.timeout_seconds, schedule=stack.schedule)
    }
    example = examples()[ALARM]
    alarm = known[example["AlarmName"]]
    assert example["AlarmDescription"] == alarm.text
    assert example["Trigger"]["MetricName"] == alarm.metric
    assert {each["name"]: each["value"] for each in example["Trigger"]["Dimensions"]} == alarm.dimensions


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("channel", CARDS)
@pytest.mark.parametrize("kind", THEMES)
def test_a_picture_is_valid_and_no_text_leaves_the_card(name: str, channel: str, kind: str) -> None:
    picture = parsed(drawn(name, channel, kind))
    assert picture.get("width") == str(WIDTH)
    texts = picture.findall(f"{SVG}text")
    assert texts
    for text in texts:
        across = width(
            text.text or "",
            float(text.get("font-size", "")),
            mono="font-family" in text.attrib,
            bold="font-weight" in text.attrib,
        )
        left = float(text.get("x", "")) - (across / 2 if "text-anchor" in text.attrib else 0)
        assert left > 0
        assert left + across <= WIDTH - 10
        assert float(text.get("y", "")) < float(picture.get("height", ""))


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_picture_has_the_whole_mail(name: str) -> None:
    texts = [text.text or "" for text in parsed(drawn(name, "email", "light")).findall(f"{SVG}text")]
    subject, text = mail(messages()[name], settings())

    def squeezed(words: str) -> str:
        return re.sub(r"\s", "", words)

    assert squeezed(subject + text) in squeezed("".join(texts))


def test_a_text_is_escaped() -> None:
    assert "&lt;no-reply@sns.amazonaws.com&gt;" in drawn("succeeded", "email", "light")


@pytest.mark.parametrize("text", ["a" * 200, "short words " * 30, "", f"Reports: https://{'x' * 150}"])
def test_lines_fit_and_lose_nothing(text: str) -> None:
    lines = wrapped(text, INNER, 13)
    assert all(width(line, 13) <= INNER for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_colours_can_be_read() -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    grounds = [(ink, "card") for ink in ("ink", "muted", "link")]
    grounds += [("ink", "code"), ("ink", "mention"), *(("on", fill) for fill in ("red", "green", "orange"))]
    for colours in THEMES.values():
        for ink, ground in grounds:
            low, high = sorted((luminance(colours[ink]), luminance(colours[ground])))
            # WCAG 2.2, success criterion 1.4.3.
            assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)


def test_the_page_shows_every_picture() -> None:
    shown = {f"docs/{path}" for path in re.findall(r'"(notifications/[\w.-]+\.svg)"', PAGE)}
    assert shown == {name for name in GENERATED if name.startswith("docs/notifications/")}


def test_the_page_has_every_occasion_channel_and_field() -> None:
    assert all(f"| `{occasion}` |" in PAGE for occasion in Occasion)
    assert all(f"## {channel.label}\n" in PAGE for channel in CHANNELS.values())
    assert all(field.text and f"| `{field.name}` |" in PAGE for field in outcome_fields())
    assert set(settings().channels) == set(CHANNELS)


def test_the_signature_check_of_the_page_accepts_only_recent_requests_with_a_valid_signature() -> None:
    now = str(int(time.time()))
    headers = {"X-Ccapi-Timestamp": now, "X-Ccapi-Signature": f"v1={signature('key', now, b'body')}"}
    assert is_genuine("key", headers, b"body")
    assert not is_genuine("key", headers, b"another body")
    assert not is_genuine("another key", headers, b"body")
    old = str(int(time.time()) - 600)
    assert not is_genuine(
        "key",
        {"X-Ccapi-Timestamp": old, "X-Ccapi-Signature": f"v1={signature('key', old, b'body')}"},
        b"body",
    )
