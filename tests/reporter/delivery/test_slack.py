import json
import re
from typing import Any

import pytest
from hypothesis import given

from reporter.channels import slack
from reporter.channels.channel import ChannelError, Response
from reporter.message import Command, Group, Link, Message, Occasion
from tests.golden_files import golden
from tests.reporter.delivery.messages import MESSAGES
from tests.reporter.delivery.slack_rules import mrkdwn_texts, problems, texts
from tests.reporter.delivery.stand_ins import StandInTransport, message, settings

URL = "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"
MENTION = {"mention": "<!here>"}


@given(MESSAGES)
def test_any_message_keeps_slacks_limits_and_makes_no_mention(random: Message) -> None:
    payload = slack.payload(random, settings(), {})
    assert problems(payload) == []
    for text in mrkdwn_texts(payload):
        assert "<" not in text
        assert ">" not in text
    # Only the fallback, which Slack does not format, may have a fence of a program.
    assert {text.count("```") for text in mrkdwn_texts(payload)[1:]} <= {2}
    assert problems(slack.payload(random, settings(), MENTION)) == []


@pytest.mark.parametrize(
    ("name", "shown", "configuration"),
    [
        ("slack-failed.json", message(), MENTION),
        (
            "slack-succeeded.json",
            message(
                occasion=Occasion.SUCCEEDED,
                headline="The run 2026-W47 succeeded: 29 regions.",
                lines=(),
                groups=(),
                commands=(),
                incident=None,
                resolves=("run", "missed"),
            ),
            MENTION,
        ),
        (
            "slack-markup.json",
            message(
                headline="<!here> & <https://evil.example|a link>",
                groups=(Group("<!channel> ``` said *the program*", ("<@U0123>",)),),
                commands=(Command("See <#C0123>:", 'echo "<a & b>" ``` > file'),),
            ),
            {},
        ),
    ],
)
def test_golden(name: str, shown: Message, configuration: dict[str, Any], update_golden: bool) -> None:
    text = json.dumps(slack.payload(shown, settings(), configuration), indent=2, ensure_ascii=False) + "\n"
    assert text == golden(f"reporter/{name}", text, update=update_golden)


def test_the_message_is_posted_as_json() -> None:
    transport = StandInTransport()
    slack.deliver(message(), settings(), MENTION, {"slackWebhookUrl": f" {URL}\n"}, transport)
    [(url, body, headers)] = transport.posts
    assert url == URL
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert json.loads(body) == slack.payload(message(), settings(), MENTION)


@pytest.mark.parametrize("occasion", [*Occasion])
def test_only_occasions_that_need_people_mention_them(occasion: Occasion) -> None:
    texts = mrkdwn_texts(slack.payload(message(occasion=occasion), settings(), MENTION))
    is_mentioned = any("<!here>" in text for text in texts)
    assert is_mentioned == (
        occasion not in {Occasion.SUCCEEDED, Occasion.SKIPPED, Occasion.OK, Occasion.TEST}
    )


@pytest.mark.parametrize("mention", ["<!here>", "<!channel>", "<@U012AB3CD>", "<!subteam^SAZ94GDB8>"])
def test_mentions_of_slack_are_kept(mention: str) -> None:
    assert slack.mention(message(), {"mention": mention}) == mention


def test_any_other_mention_is_text() -> None:
    assert slack.mention(message(), {"mention": "<https://evil.example>"}) == "&lt;https://evil.example&gt;"


def test_thousands_of_regions_are_counted() -> None:
    groups = tuple(Group(f"reason {number}", ("java",) * 3) for number in range(15))
    many = (Group("no capacity", tuple(f"region-{number}" for number in range(2_900))), *groups)
    text = "\n".join(texts(slack.payload(message(groups=many), settings(), {})))
    assert re.search(r"Regions: region-0, .* … and 2,800 more", text)
    assert "… and 4 more reasons: the e-mail and the report have them all." in text


def test_the_count_of_regions_that_do_not_fit_is_shown() -> None:
    groups = (Group("no imagery.", ("java",)), Group("and 207 more regions: see summary.json", ()))
    found = texts(slack.payload(message(groups=groups), settings(), {}))
    assert "no imagery.\nRegion: java" in found
    # A group without regions is its reason, with no empty line of regions.
    assert "and 207 more regions: see summary.json" in found
    assert [text for text in found if re.search(r"Regions?:\s*$", text, re.MULTILINE)] == []


@pytest.mark.parametrize(
    "markup", ["*bold*", "_italic_", "~struck~", "`code`", "```block```", "<!here>", ":fire:"]
)
def test_a_text_of_a_program_formats_nothing(markup: str) -> None:
    payload = slack.payload(message(groups=(Group(markup, (markup,)),), details=(markup,)), settings(), {})
    assert texts(payload).count(f"{markup}\nRegion: {markup}") == 1
    # The fallback and the commands.
    assert [text for text in mrkdwn_texts(payload)[1:] if not text.startswith("```")] == []
    assert all(not block["text"].get("emoji") for block in payload["blocks"] if block["type"] == "section")


def test_a_command_is_copied_as_it_is() -> None:
    line = "aws sqs receive-message --queue-url https://example.com/a_b_c --attribute-names *"
    assert f"```{line}```" in mrkdwn_texts(
        slack.payload(message(commands=(Command("To see them:", line),)), settings(), {})
    )


@pytest.mark.parametrize("line", ["echo '```;touch /tmp/x;```'", "aws " + "x" * 3_000])
def test_a_command_that_would_have_to_be_changed_is_not_shown(line: str) -> None:
    (text,) = (
        text
        for text in mrkdwn_texts(
            slack.payload(message(commands=(Command("To do it:", line),)), settings(), {})
        )
        if text.startswith("```")
    )
    assert text.startswith("```# ")
    assert "touch" not in text


def test_details_and_footer_have_a_line_each() -> None:
    links = (
        Link("Execution", "https://a.example", "needs a login"),
        Link("Log", "https://b.example", "needs a login"),
    )
    blocks = slack.payload(message(links=links), settings(), {})["blocks"]
    contexts = [block["elements"] for block in blocks if block["type"] == "context"]
    assert [len(elements) for elements in contexts] == [1, 1]
    assert contexts[0][0]["text"].splitlines() == list(message().details)
    assert contexts[1][0]["text"].splitlines() == [
        "Each of these links needs a login.",
        "Forward this message to ops@example.com.",
        'To stop these messages: leave "failed" out of notifications.slack.occasions in the stack file of ccapi dev, '
        "then run pulumi up.",
    ]


def test_a_long_headline_is_shown_whole() -> None:
    headline = "word " * 100
    shown = slack.payload(message(headline=headline), settings(), {})
    assert len(shown["blocks"][0]["text"]["text"]) == 150
    assert f"ccapi dev: {headline.strip()}" in shown["blocks"][1]["text"]["text"]


def test_a_link_that_is_too_long_is_left_out() -> None:
    links = (Link("Log", f"https://example.com/{'x' * 3_000}"), Link("Report", "https://example.com"))
    [actions] = [
        block
        for block in slack.payload(message(links=links), settings(), {})["blocks"]
        if block["type"] == "actions"
    ]
    assert [button["text"]["text"] for button in actions["elements"]] == ["Report"]


CREDENTIALS = {"slackWebhookUrl": "https://hooks.slack.com/services/T/B/X"}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("invalid_payload", "invalid_payload"),
        ('{"ok": false, "error": "not_authed"}', '{"ok": false, "error": "not_authed"}'),
        ("\n<!DOCTYPE html><html>", "the answer is a web page, not one of Slack"),
    ],
)
def test_an_error_with_status_200_is_an_error(body: str, why: str) -> None:
    transport = StandInTransport(answers=[Response(200, {}, body)])
    with pytest.raises(ChannelError, match=re.escape(f"HTTP 200: {why}")) as raised:
        slack.deliver(message(), settings(), {}, CREDENTIALS, transport)
    assert raised.value.is_permanent


@pytest.mark.parametrize("body", ["ok", "", '{"ok":true}', "ok\n", '{"success":true}'])
def test_any_other_answer_with_status_200_is_none(body: str) -> None:
    transport = StandInTransport(answers=[Response(200, {}, body)])
    slack.deliver(message(), settings(), {}, CREDENTIALS, transport)
    assert len(transport.posts) == 1
