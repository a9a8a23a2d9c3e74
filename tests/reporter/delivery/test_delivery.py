import json
from typing import Any

import pytest

from reporter.channels import CHANNELS
from reporter.channels.channel import Channel
from reporter.delivery import Delivery, Receipt, Undelivered
from reporter.message import Occasion
from tests.reporter.delivery.conftest import Stack
from tests.reporter.delivery.servers import Answer, Server, refused_url
from tests.reporter.delivery.stand_ins import ROUTING_KEY, SIGNING_KEY, message

ALL = [str(occasion) for occasion in Occasion]
SLACK = {"slack": {"occasions": ALL}}
EMAIL = {"email": {"occasions": ALL}}
BOTH = {**EMAIL, **SLACK}


def everywhere(pagerduty: Server) -> dict[str, Any]:
    return {
        **BOTH,
        "pagerduty": {"occasions": ALL, "url": f"{pagerduty.url}/v2/enqueue"},
        "webhook": {"occasions": ALL},
    }


def test_a_message_goes_to_every_channel(
    stack: Stack, server: Server, pagerduty: Server, webhook: Server
) -> None:
    receipt = stack.deliver(message(), everywhere(pagerduty))
    assert receipt.document() == {
        "delivered": ["slack", "pagerduty", "webhook", "email"],
        "undelivered": [],
        "repeated": False,
    }
    assert [len(each.received) for each in (server, pagerduty, webhook)] == [1, 1, 1]
    [mail] = stack.mailed("failure")
    assert mail["Subject"] == message().subject
    assert mail["MessageAttributes"]["occasion"]["Value"] == "failed"
    assert not stack.mailed("success")


def test_a_success_is_mailed_to_the_success_topic(stack: Stack) -> None:
    assert stack.deliver(message(occasion=Occasion.SUCCEEDED), EMAIL).delivered == ["email"]
    assert len(stack.mailed("success")) == 1
    assert not stack.mailed("failure")


def test_an_alarm_is_mailed_to_the_failure_addresses_and_to_those_of_alarms_only(stack: Stack) -> None:
    assert stack.deliver(message(occasion=Occasion.ALARM), EMAIL).delivered == ["email"]
    assert [len(stack.mailed(topic)) for topic in ("failure", "alarms", "success")] == [1, 1, 0]


def test_a_failure_is_not_mailed_to_the_addresses_of_alarms_only(stack: Stack) -> None:
    stack.deliver(message(), EMAIL)
    assert not stack.mailed("alarms")


def test_a_channel_has_only_its_occasions(stack: Stack, server: Server) -> None:
    receipt = stack.deliver(message(), {"slack": {"occasions": ["succeeded"]}, **EMAIL})
    assert receipt.delivered == ["email"]
    assert not server.received


def test_an_occasion_that_no_channel_wants_is_handled(stack: Stack) -> None:
    receipt = stack.deliver(message(), {"slack": {"occasions": []}})
    assert receipt.document() == {"delivered": [], "undelivered": [], "repeated": False}
    assert not receipt.is_lost
    assert [*stack.records()] == ["handled"]


def test_a_repetition_is_not_sent_again(stack: Stack, server: Server) -> None:
    stack.deliver(message(), BOTH)
    receipt = stack.deliver(message(), BOTH)
    assert receipt.document() == {"delivered": [], "undelivered": [], "repeated": True}
    assert not receipt.is_lost
    assert len(server.received) == 1
    assert len(stack.mailed("failure")) == 1
    assert stack.records() == {"slack": b"sent", "email": b"sent", "handled": b"sent"}


def test_a_repetition_goes_to_the_channel_that_failed(stack: Stack, server: Server) -> None:
    server.answers = [Answer(403, "action_prohibited"), Answer(200)]
    first, second = (stack.deliver(message(), BOTH) for _ in range(2))
    assert first.delivered == ["email"]
    assert second.delivered == ["slack"]
    assert second.repeated == ["email"]


def test_s3_is_not_needed(stack: Stack, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    delivery = stack.delivery(channels=BOTH, cache_bucket="no-such-bucket")
    receipts = [delivery.deliver(message(), 60) for _ in range(2)]
    assert [receipt.delivered for receipt in receipts] == [["slack", "email"]] * 2
    assert len(server.received) == 2
    assert capsys.readouterr().out.count('"NoSuchBucket"') == 2


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429, 408])
def test_a_transient_error_is_retried(stack: Stack, server: Server, status: int) -> None:
    server.answers = [Answer(status, "later"), Answer(status, "later"), Answer(200)]
    assert stack.deliver(message(), SLACK).delivered == ["slack"]
    assert len(server.received) == 3
    assert stack.clock.pauses == [1, 2]


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (400, "invalid_payload"),
        (403, "invalid_token"),
        (403, "action_prohibited"),
        (404, "no_service"),
        (410, "channel_is_archived"),
    ],
)
def test_a_refusal_is_final_and_its_text_is_kept(
    stack: Stack, server: Server, status: int, text: str
) -> None:
    server.answers = [Answer(status, text)]
    receipt = stack.deliver(message(), BOTH)
    assert receipt.undelivered == [Undelivered("slack", f"HTTP {status}: {text}")]
    assert len(server.received) == 1
    assert not stack.clock.pauses


def test_the_pause_that_a_channel_requests_is_kept(stack: Stack, server: Server) -> None:
    server.answers = [Answer(429, "rate_limited", {"Retry-After": "7"}), Answer(200)]
    assert stack.deliver(message(), SLACK).delivered == ["slack"]
    assert stack.clock.pauses == [7]


def test_a_pause_beyond_the_deadline_is_not_begun(stack: Stack, server: Server) -> None:
    server.answers = [Answer(429, "rate_limited", {"Retry-After": "60"})]
    receipt = stack.deliver(message(), SLACK)
    assert receipt.undelivered == [Undelivered("slack", "HTTP 429: rate_limited")]
    assert not stack.clock.pauses


def test_the_deadline_is_that_of_the_invocation(stack: Stack, server: Server) -> None:
    server.answers = [Answer(429, "rate_limited", {"Retry-After": "7"})]
    assert stack.deliver(message(), SLACK, remaining_seconds=20).is_lost
    assert not stack.clock.pauses


def test_the_channels_share_the_time(
    stack: Stack, server: Server, pagerduty: Server, webhook: Server
) -> None:
    for each in (server, pagerduty, webhook):
        each.answers = [Answer(429, "", {"Retry-After": "9"})]
    start = stack.clock.now
    receipt = stack.deliver(message(), everywhere(pagerduty))
    assert receipt.delivered == ["email"]
    assert stack.clock.now - start < 40
    assert [len(each.received) > 1 for each in (server, pagerduty, webhook)] == [True, True, True]


@pytest.fixture
def impatient(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001  it sets the time of an attempt
    monkeypatch.setattr("reporter.delivery.ATTEMPT_SECONDS", 0.05)
    monkeypatch.setattr("reporter.delivery._MIN_SECONDS", 0.05)


SLOW = [Answer(is_silent=True), Answer(is_dripping=True)]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("slow", SLOW)
def test_a_slow_answer_is_retried(
    stack: Stack, server: Server, monkeypatch: pytest.MonkeyPatch, slow: Answer
) -> None:
    server.answers = [slow]
    sleep = stack.clock.sleep

    def pause(seconds: float) -> None:
        sleep(seconds)
        # The time that a loaded machine needs at most.
        monkeypatch.setattr("reporter.delivery.ATTEMPT_SECONDS", 30.0)
        server.answers = [Answer()]

    monkeypatch.setattr(stack.clock, "sleep", pause)
    assert stack.deliver(message(), SLACK).delivered == ["slack"]
    assert stack.clock.pauses == [1]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("slow", SLOW)
def test_a_channel_that_never_answers_is_reported_by_mail(stack: Stack, server: Server, slow: Answer) -> None:
    server.answers = [slow]
    receipt = stack.deliver(message(), BOTH)
    assert receipt.delivered == ["email"]
    [mail] = stack.mailed("failure")
    assert "Slack: not delivered: no answer within 1 s" in mail["Message"].splitlines()


def test_a_refused_connection_is_retried(stack: Stack) -> None:
    stack.put_secret(slackWebhookUrl=f"{refused_url()}/services/T00000000/B00000000/XXXX")
    receipt = stack.deliver(message(), BOTH)
    assert receipt.undelivered == [Undelivered("slack", "the connection was refused")]
    assert stack.clock.pauses == [1, 2]


def test_a_server_without_tls_is_an_error(stack: Stack, server: Server) -> None:
    url = stack.secret["slackWebhookUrl"].replace("http://", "https://")
    stack.put_secret(slackWebhookUrl=url)
    [failure] = stack.deliver(message(), BOTH).undelivered
    assert failure.why == "the request failed: SSLError"
    assert not server.received


@pytest.mark.parametrize("url", ["https://exa mple/hook", "https://exa\x7fmple", "https://[::1", "https://"])
def test_a_url_without_a_readable_host_is_an_error_of_the_url(stack: Stack, url: str) -> None:
    stack.put_secret(webhookUrl=url)
    receipt = stack.deliver(message(), {"webhook": {"occasions": ALL}})
    assert receipt.undelivered == [Undelivered("webhook", "the URL is not an https URL")]


def test_a_redirect_is_not_followed(stack: Stack, server: Server, webhook: Server) -> None:
    server.answers = [Answer(302, "", {"Location": f"{webhook.url}/elsewhere"})]
    receipt = stack.deliver(message(), BOTH)
    assert receipt.undelivered == [Undelivered("slack", "HTTP 302: redirects are not followed")]
    assert not webhook.received


def test_the_mail_names_the_failed_channel(stack: Stack, server: Server) -> None:
    server.answers = [Answer(410, "channel_is_archived")]
    stack.deliver(message(), BOTH)
    [mail] = stack.mailed("failure")
    assert "Slack: not delivered: HTTP 410: channel_is_archived" in mail["Message"].splitlines()


@pytest.mark.parametrize(
    ("occasion", "channels"),
    [
        (Occasion.SUCCEEDED, BOTH),
        (Occasion.FAILED, {"email": {"occasions": []}, **SLACK}),
        (Occasion.FAILED, SLACK),
        (Occasion.OK, BOTH),
    ],
)
def test_a_notice_by_mail_reports_a_failed_delivery_if_no_failure_mail_does(
    stack: Stack, server: Server, occasion: Occasion, channels: dict[str, Any]
) -> None:
    server.answers = [Answer(410, "channel_is_archived")]
    for _ in range(2):
        stack.deliver(message(occasion=occasion), channels)
    [notice] = stack.mailed("failure")
    assert notice["Subject"] == "ccapi dev: message not delivered"
    assert "Slack: not delivered: HTTP 410: channel_is_archived" in notice["Message"]
    assert message().headline in notice["Message"]
    assert len(stack.mailed("success")) == (1 if occasion == Occasion.SUCCEEDED else 0)


def test_an_undelivered_message_is_kept_and_counted(stack: Stack, server: Server) -> None:
    server.answers = [Answer(404, "no_service")]
    stack.deliver(message(), BOTH)
    [kept] = stack.undelivered()
    assert [*kept] == ["channel", "why", "subject", "text", "id", "occasion", "incident", "resolves"]
    assert kept["channel"] == "slack"
    assert kept["why"] == "HTTP 404: no_service"
    assert kept["id"] == message().id
    assert message().headline in kept["text"]
    assert stack.failures_counted() == 1


def test_a_long_text_fits_the_queue(stack: Stack, server: Server) -> None:
    server.answers = [Answer(404, "no_service")]
    stack.deliver(message(lines=("𝄞" * 300_000,)), BOTH)
    [kept] = stack.undelivered()
    assert len(json.dumps(kept, ensure_ascii=False).encode()) < 256 * 1024


def test_a_lost_message_is_not_handled(stack: Stack, server: Server) -> None:
    server.answers = [Answer(404, "no_service")]
    assert stack.deliver(message(), SLACK).is_lost
    assert "handled" not in stack.records()
    assert "slack" not in stack.records()


def test_neither_queue_nor_metric_is_needed(stack: Stack, server: Server) -> None:
    server.answers = [Answer(404, "no_service")]
    queue = f"{stack.settings.undelivered_queue_url}-of-another-name"
    receipt = stack.delivery(channels=BOTH, undelivered_queue_url=queue).deliver(message(), 60)
    assert receipt.delivered == ["email"]


def test_a_topic_that_refuses_is_reported(stack: Stack) -> None:
    delivery = stack.delivery(channels=EMAIL, failure_topic_arn=f"{stack.settings.failure_topic_arn}-gone")
    [failure] = delivery.deliver(message(), 60).undelivered
    assert failure.channel == "email"
    assert failure.why.startswith("SNS: NotFound")


def test_a_rotated_credential_is_read_at_once(stack: Stack, server: Server, webhook: Server) -> None:
    delivery = stack.delivery(channels=SLACK)
    delivery.deliver(message(id="first"), 60)
    server.answers = [Answer(404, "no_service")]
    stack.put_secret(slackWebhookUrl=f"{webhook.url}/services/T00000000/B00000000/NEW")
    assert delivery.deliver(message(id="second"), 60).delivered == ["slack"]
    assert len(webhook.received) == 1
    assert not stack.clock.pauses


def test_pagerduty_refuses_a_key_with_400(stack: Stack, pagerduty: Server) -> None:
    channels = {"pagerduty": {"occasions": ALL, "url": pagerduty.url}}
    delivery = stack.delivery(channels=channels)
    delivery.deliver(message(id="first"), 60)
    body = {"status": "invalid event", "errors": ["Length of 'routing_key' is incorrect"]}
    pagerduty.answers = [Answer(400, json.dumps(body)), Answer(202, "{}")]
    stack.put_secret(pagerDutyRoutingKey="f" * 32)
    assert delivery.deliver(message(id="second"), 60).delivered == ["pagerduty"]
    assert [each.json["routing_key"] for each in pagerduty.received] == [ROUTING_KEY, ROUTING_KEY, "f" * 32]


@pytest.mark.parametrize("occasion", [Occasion.SUCCEEDED, Occasion.OK, Occasion.PARTIAL])
def test_pagerduty_resolves_on_any_occasion(stack: Stack, pagerduty: Server, occasion: Occasion) -> None:
    channels = {"pagerduty": {"occasions": ["failed"], "url": pagerduty.url}}
    resolved = message(occasion=occasion, incident=None, resolves=("run", "missed"))
    assert stack.deliver(resolved, channels).delivered == ["pagerduty"]
    assert [(each.json["event_action"], each.json["dedup_key"]) for each in pagerduty.received] == [
        ("resolve", "ccapi/dev/run"),
        ("resolve", "ccapi/dev/missed"),
    ]


def test_a_channel_of_another_version_is_reported(stack: Stack) -> None:
    receipt = stack.deliver(message(), {"pager": {"occasions": ALL}, **EMAIL})
    assert receipt.undelivered == [Undelivered("pager", "this version of the reporter has no such channel")]


def test_a_defect_of_one_channel_does_not_stop_the_others(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError(f"an error with {ROUTING_KEY}")

    settings = stack.settings_with(channels={"broken": {"occasions": ALL}, **SLACK})
    channels = {"broken": Channel(label="Broken", deliver=fail), "slack": CHANNELS["slack"]}
    receipt = Delivery(settings, stack.aws, stack.clock.clock(), channels).deliver(message(), 60)
    assert receipt.delivered == ["slack"]
    [failure] = receipt.undelivered
    assert failure.why.startswith("an error of the reporter: RuntimeError in fail")
    assert ROUTING_KEY not in capsys.readouterr().out


def test_the_log_has_a_json_object_a_line(
    stack: Stack, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answers = [Answer(500, "down"), Answer(404, "no_service")]
    stack.deliver(message(), BOTH)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["level"], line["channel"], line["outcome"]) for line in lines] == [
        ("WARN", "slack", "retried"),
        ("ERROR", "slack", "undelivered"),
        ("INFO", "email", "delivered"),
    ]
    assert {line["event"] for line in lines} == {message().id}


@pytest.fixture
def servers(server: Server, pagerduty: Server, webhook: Server) -> list[Server]:
    return [server, pagerduty, webhook]


ANSWERS_WITH_CREDENTIALS = [
    Answer(400, "no such token: {url}"),
    Answer(400, "x" * 290 + " {url} {path}"),
    Answer(404, "{path} {token} {key} {signing}"),
    Answer(500, "{url} {key} {signing}"),
    Answer(302, "", {"Location": "{url}"}),
    Answer(400, '{{"status": "invalid {key}", "errors": ["{signing}", "a-token-in-the-query"]}}'),
    Answer(is_silent=True),
]


@pytest.mark.parametrize("answer", ANSWERS_WITH_CREDENTIALS)
def test_no_credential_leaves_the_function(
    stack: Stack,
    servers: list[Server],
    answer: Answer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, pagerduty, _ = servers
    monkeypatch.setattr("reporter.delivery.ATTEMPT_SECONDS", 0.05 if answer.is_silent else 30.0)
    monkeypatch.setattr("reporter.delivery._MIN_SECONDS", 0.05)
    url = stack.secret["slackWebhookUrl"]
    token = url.rpartition("/")[2]
    names = {
        "url": url,
        "path": url.removeprefix(server.url),
        "token": token,
        "key": ROUTING_KEY,
        "signing": SIGNING_KEY,
    }
    filled = Answer(
        answer.status,
        answer.body.format(**names),
        {name: value.format(**names) for name, value in answer.headers.items()},
        answer.is_silent,
    )
    for each in servers:
        each.answers = [filled]
    receipt = stack.deliver(message(), everywhere(pagerduty))
    assert len(receipt.undelivered) == 3
    printed = capsys.readouterr()
    texts = [
        printed.out,
        printed.err,
        json.dumps(receipt.document()),
        json.dumps(stack.undelivered()),
        json.dumps(stack.mailed("failure")),
    ]
    for text in texts:
        for secret in (url, names["path"], token, ROUTING_KEY, SIGNING_KEY, "a-token-in-the-query"):
            assert secret not in text


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com:port/services/T00000000/a-very-secret-token",
        "https://[hooks.slack.com/services/T00000000/a-very-secret-token",
        "https://127.0.0.1:1/services/T00000000/a-very-secret token\n",
        "https://127.0.0.1:1/services/T00000000/é-a-very-secret-token",
        "http://hooks.slack.com/services/T00000000/a-very-secret-token",
        "ftp://127.0.0.1/services/T00000000/a-very-secret-token",
        "file:///a-very-secret-token",
        "a-very-secret-token",
    ],
)
def test_a_url_that_is_none_is_not_part_of_an_error(
    stack: Stack, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.put_secret(slackWebhookUrl=url)
    [failure] = stack.deliver(message(), BOTH).undelivered
    assert "URL" in failure.why or "connection" in failure.why
    seen = failure.why + capsys.readouterr().out + json.dumps(stack.undelivered())
    assert "a-very-secret" not in seen


def test_a_receipt_without_failures_is_not_lost() -> None:
    assert not Receipt().is_lost
