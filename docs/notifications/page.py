"""The page docs/notifications.md: the occasions, the channels, and a picture of each message."""

import inspect
import json
from collections.abc import Mapping
from dataclasses import replace

from components.resources.alarms import alarms
from components.settings.bounds import WATCH_HOURS
from components.settings.channels import Occasion as Configured
from components.settings.channels import PagerDuty, Slack, Webhook
from components.settings.observability import METRIC_NAMESPACE
from docs.cost.templates import template
from docs.notifications.examples import CONTACT, STACK, WEBHOOK_URL, messages, names, settings
from docs.notifications.fields import outcome_fields
from docs.notifications.pictures import CARDS, TITLES, alt
from docs.notifications.signature_check import is_genuine
from docs.stack_files import settings_of
from reporter import credentials, delivery, handled, sweep, transport
from reporter.channels import pagerduty, webhook
from reporter.channels.channel import FAILURES, Configuration
from reporter.documents import VERSION
from reporter.message import Message, Occasion

_CAUSES = {
    Occasion.SUCCEEDED: "all regions of a run were monitored",
    Occasion.PARTIAL: "some regions of a run failed",
    Occasion.FAILED: "a run failed, timed out or was stopped by an operator",
    Occasion.SKIPPED: "a run was not started because another one is still running",
    Occasion.MISSED: "no run has succeeded for longer than the schedule allows",
    Occasion.ALARM: "a CloudWatch alarm of the stack is in ALARM",
    Occasion.OK: "such an alarm is OK again",
    Occasion.BUDGET: "AWS Budgets warns of the month's cost",
    Occasion.TEST: "an operator typed `ccapi notify test`; no setting leaves it out",
}
_NO = "·"
_MAIL = {
    Occasion.SUCCEEDED: "`successEmails`",
    Occasion.ALARM: "`failureEmails`, `alarmEmails`",
    Occasion.OK: _NO,
    Occasion.TEST: "`successEmails`, `failureEmails`, `alarmEmails`",
}
_FIELDS = {
    "version": ("integer", f"{VERSION}; it is increased when a field is removed or changes its meaning"),
    "id": ("string", "the id of the event; a repetition has the same id"),
    "occasion": ("string", "one of the occasions above"),
    "subject": ("string", "the subject of the e-mail: ASCII, at most 99 characters"),
    "text": ("string", "the text of the e-mail, without its last line on how to stop such e-mails"),
    "project": ("string", "the name of the project"),
    "environment": ("string", "the name of the stack, e.g. `prod`"),
    "region": ("string", "the AWS region of the stack"),
    "account": ("string", "the number of the AWS account"),
    "outcome": ("object", "for a run, and for `missed`: see below"),
    "alarm": ("object", "for `alarm` and `ok`: the notification of CloudWatch, unchanged"),
    "notice": ("object", "for `budget` and other notices: `subject` and `text` as AWS published them"),
    "test": ("object", "for `test`: its `id`"),
    "redelivered": ("object", "for a message that `ccapi dlq redrive` sent again: its `subject` and `text`"),
}


def page() -> str:
    """Return the page."""
    return template("page.md.j2", "docs.notifications").render(
        CARDS=CARDS,
        TITLES=TITLES,
        alt=alt,
        attempt_seconds=int(transport.ATTEMPT_SECONDS),
        attempts=delivery.ATTEMPTS,
        cache_minutes=credentials.CACHE_SECONDS // 60,
        claim_minutes=handled.STALE_SECONDS // 60,
        contact=CONTACT,
        deadline_seconds=int(delivery.DEADLINE_SECONDS),
        direct_alarms=_direct_alarms(),
        document=_document(messages()["partial"]),
        fields=_FIELDS,
        mentions=", ".join(f"`{occasion}`" for occasion in Occasion if occasion in FAILURES),
        metric=delivery.METRIC,
        names=names(),
        namespace=METRIC_NAMESPACE,
        occasions=_occasions(),
        outcome_fields=outcome_fields(),
        project=settings().project,
        signature_check=_signature_check(),
        sweep_days=sweep.FROM_SECONDS // (24 * 3600),
        sweep_minutes=sweep.TO_SECONDS // 60,
        watch_hours=WATCH_HOURS,
        webhook_url=WEBHOOK_URL,
    )


def _occasions() -> list[Mapping[str, str]]:
    """Return a row for each occasion, with the default behaviour of each channel."""
    return [
        {
            "occasion": str(occasion),
            "cause": cause,
            "email": _MAIL.get(occasion, "`failureEmails`"),
            "slack": _posted(occasion, Slack().occasions),
            "pagerduty": _incident(occasion),
            "webhook": _received(occasion),
        }
        for occasion, cause in _CAUSES.items()
    ]


def _posted(occasion: Occasion, configured: tuple[Configured, ...]) -> str:
    return "yes" if occasion is Occasion.TEST or str(occasion) in set(map(str, configured)) else _NO


def _received(occasion: Occasion) -> str:
    """Return `yes` if the webhook receives an occasion by default."""
    configuration: Configuration = Webhook().model_dump(mode="json", by_alias=False)
    message = replace(messages()["succeeded"], occasion=occasion)
    return "yes" if webhook.CHANNEL.wants(message, configuration) else _NO


def _incident(occasion: Occasion) -> str:
    """Return what PagerDuty receives on an occasion by default."""
    if occasion is Occasion.TEST:
        return "resolves an incident that is not open"
    if occasion is Occasion.OK:
        return "resolves the incident of that alarm"
    shown = messages()
    example = shown.get(str(occasion))
    if occasion is Occasion.SUCCEEDED:
        return f"resolves {' and '.join(map(_key, shown['succeeded'].resolves))}"
    configuration: Configuration = PagerDuty().model_dump(mode="json", by_alias=False)
    if example is None or not example.incident or not pagerduty.CHANNEL.wants(example, configuration):
        return _NO
    severity = pagerduty.severity(example, configuration)
    return f"opens {_key(example.incident)}, {severity}"


def _key(incident: str) -> str:
    """Return an incident with a placeholder for its run or its alarm."""
    condition, *name = incident.split("/")
    return f"`{condition}/<{condition}>`" if name else f"`{condition}`"


def _direct_alarms() -> list[str]:
    stack = settings_of(STACK)
    found = alarms(names(), timeout_seconds=stack.run.timeout_seconds, schedule=stack.schedule)
    return [names().resource_name(alarm.what) for alarm in found if alarm.is_direct]


def _document(message: Message) -> str:
    """Return the webhook's document of a message, with `text` shortened to its first line."""
    document = json.loads(webhook.payload(message))
    document["text"] = document["text"].partition("\n")[0] + " …"
    known = ("version", "id", "occasion", "subject", "text", "project", "environment", "region", "account")
    ordered = {name: document.pop(name) for name in known}
    outcome = {
        name: value for name, value in document.pop("outcome").items() if value not in ("", 0, [], False)
    }
    outcome["failures"] = [*outcome["failures"][:1]]
    return json.dumps({**ordered, "outcome": outcome}, indent=2, ensure_ascii=False)


def _signature_check() -> str:
    """Return the source of the signature check with its imports, for receivers to copy."""
    imports = ("hashlib", "hmac", "time")
    source = inspect.getsource(is_genuine).replace("Mapping[str, str]", "dict[str, str]").rstrip()
    return "\n".join([*(f"import {name}" for name in imports), "", "", source])
