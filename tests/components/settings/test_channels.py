"""The settings of Slack, PagerDuty and the webhook, and their credentials."""

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from components.settings import STAND_INS, Settings, SettingsError
from components.settings.base import SettingsModel
from components.settings.channels import Occasion, PagerDuty, Severity, Slack, Webhook
from components.settings.notifications import Notifications
from reporter.message import Occasion as ReporterOccasion
from tests.stacks import values_of

WEBHOOK = ("webhookUrl", "webhookSigningKey")
ADDRESS = {"failureEmails": ["alerts@example.com"]}


def load(*secrets: str, webhookUrl: str | None = None, **notifications: Any) -> Settings:  # noqa: N803
    given = {key: STAND_INS[key] for key in secrets}
    if webhookUrl is not None:
        given = {**{key: STAND_INS[key] for key in WEBHOOK}, "webhookUrl": webhookUrl}
    values = {**values_of("prod"), "notifications": {**ADDRESS, **notifications}, **given}
    return Settings.load(
        project="ccapi", environment="prod", region="us-east-1", values=values, encrypted=list(given)
    )


def mistakes(*secrets: str, **notifications: Any) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(*secrets, **notifications)
    return [str(mistake) for mistake in caught.value.mistakes]


def test_the_occasions_are_those_of_the_reporter() -> None:
    # `ok`, an alarm's return to OK, goes to the channels of `alarm`: it resolves the incident, and the
    # webhook posts it.
    of_the_reporter = set(ReporterOccasion) - {ReporterOccasion.OK, ReporterOccasion.TEST}
    assert {str(occasion) for occasion in Occasion} == {str(occasion) for occasion in of_the_reporter}


def test_slack_gets_everything_but_successes_by_default() -> None:
    assert set(Slack().occasions) == set(Occasion) - {Occasion.SUCCEEDED}
    assert Slack(occasions=(Occasion.SUCCEEDED,)).occasions == (Occasion.SUCCEEDED,)


def test_an_incident_is_opened_only_on_an_occasion_that_needs_an_operator() -> None:
    urgent = {Occasion.PARTIAL, Occasion.FAILED, Occasion.MISSED, Occasion.ALARM}
    assert set(PagerDuty().occasions) == urgent
    assert PagerDuty().severity is Severity.CRITICAL


def test_the_webhook_gets_every_event() -> None:
    assert set(Webhook().occasions) == set(Occasion)


@pytest.mark.parametrize("concern", [Slack, PagerDuty, Webhook])
def test_an_occasion_is_known_and_written_once(concern: type[SettingsModel]) -> None:
    with pytest.raises(ValidationError, match="has failed more than once"):
        concern.model_validate({"occasions": ["failed", "failed"]})
    with pytest.raises(ValidationError, match="'succeeded', 'partial'"):
        concern.model_validate({"occasions": ["success"]})


@pytest.mark.parametrize(
    "mention", ["<!here>", "<!channel>", "<!everyone>", "<@U012AB3CD>", "<!subteam^S012AB3CD>"]
)
def test_a_mention_is_taken_as_slack_writes_it(mention: str) -> None:
    assert Slack(mention=mention).mention == mention


@pytest.mark.parametrize("mention", ["@here", "here", "<!here", "<@u012>", "<!here> x", "<!here>\n", ""])
def test_another_mention_is_refused(mention: str) -> None:
    with pytest.raises(ValidationError, match="a mention as Slack writes it such as <!here>"):
        Slack(mention=mention)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com:8443/hook?a=b&c=%2F#d",
        "https://events.eu.pagerduty.com/v2/enqueue",
        "http://127.0.0.1:8080/hook",
        "http://127.0.0.1:8080",
    ],
)
def test_an_https_address_is_taken_and_one_of_this_machine(url: str) -> None:
    assert PagerDuty(url=url).url == url
    assert load(webhookUrl=url).credentials["webhookUrl"].get_secret_value() == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com/hook",
        "http://example.com/hook",
        "http://127.0.0.1/hook",
        "http://127.0.0.1:80@example.com/",
        "https://user:password@example.com/hook",
        "https://example.com/a b",
        "https://example.com/\n",
        "https://example.com/\N{SNOWMAN}",
        "ftp://example.com/hook",
    ],
)
def test_another_address_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="is not an https address; write"):
        PagerDuty(url=url)
    with pytest.raises(SettingsError, match="ccapi:webhookUrl: is not an https address of at most 500"):
        load(webhookUrl=url)


def text_of(count: int, *, head: str = "", tail: str = "") -> str:
    return head + "A" * (count - len(head) - len(tail)) + tail


# The reporter's settings must fit in 4 KB in total; test_reporter tests the maximum.
@pytest.mark.parametrize(
    ("concern", "key", "most", "head", "tail"),
    [
        (Notifications, "contact", 200, "", ""),
        (Slack, "mention", 100, "<@", ">"),
        (PagerDuty, "url", 100, "https://", ""),
    ],
)
def test_a_text_is_as_long_as_its_bound_and_no_longer(
    concern: type[SettingsModel], key: str, most: int, head: str, tail: str
) -> None:
    others = ADDRESS if concern is Notifications else {}
    concern.model_validate({**others, key: text_of(most, head=head, tail=tail)})
    with pytest.raises(ValidationError, match=f"at most {most} characters"):
        concern.model_validate({**others, key: text_of(most + 1, head=head, tail=tail)})


@pytest.mark.parametrize("contact", ["two\nlines", "a\ttab", "\x00", "\x7f"])
def test_a_contact_is_a_single_line(contact: str) -> None:
    (told,) = mistakes(contact=contact)
    assert "is not a single line; write a single line such as the data team, data@example.com" in told


def test_the_address_of_a_webhook_has_at_most_500_characters() -> None:
    longest = text_of(500, head="https://")
    assert load(webhookUrl=longest).webhook_url is not None
    with pytest.raises(SettingsError, match="at most 500 characters"):
        load(webhookUrl=f"{longest}A")


@pytest.mark.parametrize(
    ("given", "missing"), [("webhookUrl", "webhookSigningKey"), ("webhookSigningKey", "webhookUrl")]
)
def test_a_webhook_needs_its_address_and_its_key(given: str, missing: str) -> None:
    (mistake,) = mistakes(given)
    assert mistake == (
        f"ccapi:{missing}: is missing, and {given} has no effect without it; write it with "
        f"`pulumi config set --secret {missing}`, or take {given} out"
    )
    assert load(*WEBHOOK, webhook={"occasions": ["failed"]}).credentials.keys() == set(WEBHOOK)


@pytest.mark.parametrize(
    ("secrets", "notifications", "mistake"),
    [
        ([], {"webhook": {}}, "notifications.webhook: has no effect without webhookUrl"),
        ([], {"slack": {}}, "notifications.slack: has no effect without slackWebhookUrl"),
        (
            WEBHOOK,
            {"webhook": {"occasions": ["failed"]}, "slack": {"mention": "<!here>"}},
            "notifications.slack: has no effect without slackWebhookUrl",
        ),
        (
            ["slackWebhookUrl"],
            {"pagerDuty": {"severity": "error"}},
            "notifications.pagerDuty: has no effect without pagerDutyRoutingKey",
        ),
    ],
)
def test_a_channel_without_its_other_half_is_refused(
    secrets: list[str], notifications: dict[str, Any], mistake: str
) -> None:
    (told,) = mistakes(*secrets, **notifications)
    assert told.startswith(f"ccapi:{mistake}; take it out, or write ")
    assert not [value for value in STAND_INS.values() if value in told]


def test_a_channel_with_its_credential_is_taken() -> None:
    settings = load("slackWebhookUrl", "pagerDutyRoutingKey", slack={"mention": "<!here>"}, pagerDuty={})
    assert settings.notifications.slack.mention == "<!here>"


def test_a_credential_alone_is_enough_for_slack_and_pagerduty() -> None:
    settings = load("slackWebhookUrl", "pagerDutyRoutingKey")
    assert settings.notifications.slack == Slack()
    assert settings.notifications.pager_duty == PagerDuty()


def test_a_credential_with_a_mistake_is_not_also_said_to_be_missing() -> None:
    values = {
        **values_of("prod"),
        "notifications": ADDRESS,
        "webhookUrl": STAND_INS["webhookUrl"],
        "webhookSigningKey": "short",
    }
    with pytest.raises(SettingsError) as caught:
        Settings.load(
            project="ccapi",
            environment="prod",
            region="us-east-1",
            values=values,
            encrypted=WEBHOOK,
        )
    (mistake,) = caught.value.mistakes
    assert "is too short; write 16" in mistake.text


def test_the_channels_are_those_of_the_notifications() -> None:
    forms = [field.annotation for field in Notifications.model_fields.values()]
    nested = {
        form for each in forms for form in (each, *get_args(each)) if form in {Slack, PagerDuty, Webhook}
    }
    assert nested == {Slack, PagerDuty, Webhook}


@pytest.mark.parametrize("occasion", ["succeeded", "skipped", "budget"])
def test_an_occasion_that_opens_no_incident_is_refused(occasion: str) -> None:
    with pytest.raises(ValueError, match=f"{occasion} open no incident; write some of"):
        PagerDuty(occasions=("failed", occasion))  # type: ignore[arg-type]
