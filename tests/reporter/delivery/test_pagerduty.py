import json
from typing import Any

import pytest
from hypothesis import given

from reporter.channels import pagerduty
from reporter.channels.channel import ChannelError, Response
from reporter.message import Group, Message, Occasion
from tests.golden_files import golden
from tests.reporter.delivery.messages import MESSAGES
from tests.reporter.delivery.pagerduty_rules import problems
from tests.reporter.delivery.stand_ins import ROUTING_KEY, StandInTransport, message, settings

EVERY = {"occasions": [*Occasion]}
CREDENTIALS = {"pagerDutyRoutingKey": ROUTING_KEY}


def sent(shown: Message, configuration: dict[str, Any], **changed: Any) -> list[dict[str, Any]]:
    transport = StandInTransport()
    pagerduty.deliver(shown, settings(**changed), configuration, CREDENTIALS, transport)
    assert {url for url, _, _ in transport.posts} <= {"https://events.pagerduty.com/v2/enqueue"}
    return [json.loads(body) for _, body, _ in transport.posts]


@given(MESSAGES)
def test_any_message_keeps_pagerdutys_limits(random: Message) -> None:
    assert [problem for event in sent(random, EVERY) for problem in problems(event)] == []


def test_golden(update_golden: bool) -> None:
    text = json.dumps(sent(message(), EVERY), indent=2, ensure_ascii=False) + "\n"
    assert text == golden("reporter/pagerduty-failed.json", text, update=update_golden)


def test_golden_of_a_success(update_golden: bool) -> None:
    shown = message(occasion=Occasion.SUCCEEDED, incident=None, resolves=("run", "missed"))
    text = json.dumps(sent(shown, EVERY), indent=2) + "\n"
    assert text == golden("reporter/pagerduty-succeeded.json", text, update=update_golden)


@pytest.mark.parametrize(
    ("occasion", "severity"),
    [
        (Occasion.FAILED, "critical"),
        (Occasion.MISSED, "critical"),
        (Occasion.PARTIAL, "warning"),
        (Occasion.ALARM, "warning"),
        (Occasion.BUDGET, "warning"),
        (Occasion.SKIPPED, "info"),
    ],
)
def test_the_severity_follows_the_occasion(occasion: Occasion, severity: str) -> None:
    assert pagerduty.severity(message(occasion=occasion), {}) == severity


def test_the_severity_can_be_configured() -> None:
    for occasion in (Occasion.FAILED, Occasion.MISSED):
        assert pagerduty.severity(message(occasion=occasion), {"severity": "error"}) == "error"
    for occasion in (Occasion.PARTIAL, Occasion.ALARM, Occasion.BUDGET):
        assert pagerduty.severity(message(occasion=occasion), {"severity": "critical"}) == "warning"
    assert pagerduty.severity(message(), {"severity": "terrible"}) == "critical"


def test_a_reason_that_is_a_sentence_follows_its_regions() -> None:
    groups = (
        Group("It was lost.", ("jakarta", "bandung")),
        Group("and 2 more regions: see summary.json", ()),
    )
    [event] = sent(message(groups=groups), EVERY)
    assert event["payload"]["custom_details"]["failed_regions"].splitlines() == [
        "jakarta, bandung: It was lost.",
        "and 2 more regions: see summary.json",
    ]


def test_an_incident_says_which_stack_it_is_of_and_how_to_stop_such() -> None:
    [event] = sent(message(occasion=Occasion.PARTIAL), EVERY, environment="prod")
    assert event["payload"]["summary"].startswith("ccapi prod: ")
    assert event["payload"]["custom_details"]["stop"] == (
        'To stop these messages: leave "partial" out of notifications.pagerDuty.occasions in the stack file of ccapi '
        "prod, then run pulumi up."
    )


def test_a_condition_has_one_incident_by_stack() -> None:
    [event] = sent(message(), EVERY, environment="prod")
    assert event["dedup_key"] == "ccapi/prod/run"


def test_long_conditions_keep_their_own_incidents() -> None:
    keys = {pagerduty.dedup_key(settings(), f"alarm/{'x' * 300}{number}") for number in range(3)}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {255}


def test_without_an_incident_none_is_opened() -> None:
    assert sent(message(incident=None), EVERY) == []
    assert not pagerduty.wants(message(incident=None), EVERY)


def test_an_occasion_that_is_not_configured_opens_no_incident() -> None:
    shown = message(resolves=("missed",))
    assert [event["event_action"] for event in sent(shown, {"occasions": []})] == ["resolve"]


@pytest.mark.parametrize(
    ("answer", "why", "is_refused"),
    [
        (
            Response(
                400,
                {},
                '{"status":"invalid event","message":"Event object is invalid","errors":["\'source\' is missing"]}',
            ),
            "HTTP 400: invalid event: 'source' is missing",
            False,
        ),
        (
            Response(400, {}, '{"status":"invalid key","message":"Event object is invalid"}'),
            "HTTP 400: invalid key: Event object is invalid",
            True,
        ),
        (Response(413, {}, ""), "HTTP 413", False),
        (Response(400, {}, "[]"), "HTTP 400: []", False),
    ],
)
def test_pagerdutys_error_text_is_kept(answer: Response, why: str, is_refused: bool) -> None:
    with pytest.raises(ChannelError) as raised:
        pagerduty.deliver(message(), settings(), EVERY, CREDENTIALS, StandInTransport([answer]))
    assert raised.value.why == why
    assert raised.value.is_permanent
    assert raised.value.is_credential_refused == is_refused


def test_a_missing_key_is_named() -> None:
    with pytest.raises(ChannelError, match="no `pagerDutyRoutingKey`"):
        pagerduty.deliver(message(), settings(), EVERY, {}, StandInTransport())


def test_an_event_that_is_refused_with_status_202_is_an_error() -> None:
    answer = Response(202, {}, '{"status": "invalid event", "errors": ["no summary"]}')
    transport = StandInTransport(answers=[answer])
    with pytest.raises(ChannelError, match=r"^HTTP 202: invalid event: no summary$"):
        pagerduty.deliver(
            message(), settings(), {"occasions": ["failed"]}, {"pagerDutyRoutingKey": ROUTING_KEY}, transport
        )


@pytest.mark.parametrize("body", ['{"status": "success"}', "", "[]", "{}"])
def test_any_other_answer_with_status_202_is_none(body: str) -> None:
    transport = StandInTransport(answers=[Response(202, {}, body)])
    pagerduty.deliver(message(), settings(), EVERY, CREDENTIALS, transport)
    assert len(transport.posts) == 1
