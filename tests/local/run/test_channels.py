"""The channels of a run: the settings that lead to them, and what a person sees of the messages."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from components import stack_file
from components.settings.channels import Occasion
from local.channels.client import LocalChannels
from local.run import channels, stack
from local.run.channels import (
    PAGERDUTY_KEY,
    SIGNING_KEY,
    SLACK_KEY,
    WEBHOOK_KEYS,
    WEBHOOK_URL_KEY,
    channel_messages,
    channel_settings,
)
from local.run.checks import as_text
from local.run.errors import RunError
from local.run.mailboxes import Mail
from tests import stacks
from tests.local.channels.server import Running, running

ACCESS = LocalChannels.draw("http://127.0.0.1:5001")
SECURE = {"secure": "v1:abc:def"}
EMAILS = {"failureEmails": ["alerts@example.com"]}


def configured(notifications: Any = EMAILS, **keys: Any) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    config = {**stacks.stack_file("local"), "ccapi:notifications": notifications}
    settings = channel_settings({**config, **{f"ccapi:{key}": value for key, value in keys.items()}}, ACCESS)
    return settings.config, settings.secrets


def test_messages_lead_to_the_local_channels() -> None:
    config, secrets = configured()
    assert secrets == {
        SLACK_KEY: ACCESS.slack_webhook_url,
        PAGERDUTY_KEY: ACCESS.pagerduty_routing_key,
        WEBHOOK_URL_KEY: ACCESS.webhook_url,
        SIGNING_KEY: ACCESS.webhook_signing_key,
    }
    assert config["ccapi:notifications"] == {
        **EMAILS,
        "slack": {"occasions": [str(occasion) for occasion in Occasion]},
        "pagerDuty": {"url": "http://127.0.0.1:5001/v2/enqueue"},
    }


def test_no_credential_is_in_the_configuration() -> None:
    config, secrets = configured()
    assert not [secret for secret in secrets.values() if secret in str(config)]


def test_the_program_accepts_the_settings() -> None:
    config, secrets = configured()
    texts = {key: as_text(value) for key, value in {**config, **secrets}.items()}
    now = datetime.now(UTC)
    stack_file.read(texts, project="ccapi", environment="local", now=now, encrypted=secrets.keys())


@pytest.mark.parametrize("url", [SECURE, "https://hooks.slack.com/services/T0/B0/x"])
def test_a_slack_webhook_of_the_stack_file_is_kept(url: Any) -> None:
    config, secrets = configured(slackWebhookUrl=url)
    assert secrets.keys() == {PAGERDUTY_KEY, *WEBHOOK_KEYS}
    assert config[SLACK_KEY] == url
    assert "slack" not in config["ccapi:notifications"]


def test_a_routing_key_of_the_stack_file_is_kept_with_pagerdutys_address() -> None:
    config, secrets = configured(pagerDutyRoutingKey=SECURE)
    assert secrets.keys() == {SLACK_KEY, *WEBHOOK_KEYS}
    assert config[PAGERDUTY_KEY] == SECURE
    assert "pagerDuty" not in config["ccapi:notifications"]


@pytest.mark.parametrize("key", ["webhookUrl", "webhookSigningKey"])
def test_a_webhook_of_the_stack_file_is_kept_as_it_is(key: str) -> None:
    config, secrets = configured(**{key: SECURE})
    assert secrets.keys() == {SLACK_KEY, PAGERDUTY_KEY}
    assert config[f"ccapi:{key}"] == SECURE


def test_other_settings_of_the_channels_are_kept() -> None:
    own = {
        **EMAILS,
        "slack": {"occasions": ["failed"], "mention": "<!here>"},
        "pagerDuty": {"severity": "info"},
    }
    config, _ = configured(own)
    assert config["ccapi:notifications"]["slack"] == own["slack"]
    assert config["ccapi:notifications"]["pagerDuty"] == {"severity": "info", "url": ACCESS.pagerduty_url}


def test_a_group_can_be_a_text_of_json() -> None:
    config, _ = configured('{"failureEmails": ["alerts@example.com"]}')
    assert config["ccapi:notifications"]["failureEmails"] == ["alerts@example.com"]


def events(served: Running) -> None:
    key, payload = "ccapi/local/run", {"summary": "The run failed.", "source": "s", "severity": "critical"}
    details = {"text": "1\n2", "event_id": "e"}
    link = {"href": "https://example.com/", "text": "Report"}
    served.slack({"text": "Fallback", "blocks": [{"type": "divider"}]})
    served.time.seconds += 1
    served.pagerduty(
        event_action="trigger", dedup_key=key, payload={**payload, "custom_details": details}, links=[link]
    )
    served.time.seconds += 1
    served.slack({"text": "It &lt;works&gt;"})
    served.pagerduty(event_action="resolve", dedup_key=key, payload="unchecked")
    served.pagerduty(event_action="resolve", dedup_key=key)


def test_each_message_is_shown_in_the_order_of_arrival() -> None:
    with running() as served:
        events(served)
        found = channel_messages(served.access.received())
    assert found == [
        Mail("slack", "Fallback", "---"),
        Mail(
            "pagerduty",
            "trigger ccapi/local/run: The run failed.",
            "severity: critical\ntext:\n1\n2\nevent_id: e\nReport: https://example.com/",
        ),
        Mail("slack", "It <works>", ""),
        Mail("pagerduty", "resolve ccapi/local/run: The run failed.", ""),
        Mail("pagerduty", "resolve ccapi/local/run: no incident was open", ""),
    ]


def test_a_text_that_utf_8_does_not_have_is_replaced() -> None:
    with running() as served:
        served.slack({"text": "a\ud800b"})
        (mail,) = channel_messages(served.access.received())
    assert mail.subject == "a?b"


def test_channels_that_do_not_start_are_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(channels, "CREDENTIALS", tmp_path / "file" / "credentials")
    monkeypatch.setattr("local.run.processes.LOGS", tmp_path)
    monkeypatch.setattr("local.run.processes.record", lambda _pid, **_: None)
    with (
        pytest.raises(RunError, match=r"(?s)the local channels did not start.*cannot be written"),
        channels.local_channels(keep=False),
    ):
        pass


class _Stack:
    """A stack whose CLI is a shell script that records its arguments and its input."""

    def __init__(self, cli: str) -> None:
        self.workspace = self
        self.pulumi_command = self
        self.command = cli


def cli(folder: Any, script: str) -> Any:
    path = folder / "pulumi"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return _Stack(str(path))


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Any:
    monkeypatch.setattr(stack, "WORKSPACE", tmp_path)
    return tmp_path


def test_a_secret_is_in_no_argument_of_a_process(workspace: Any) -> None:
    stack.set_secrets(cli(workspace, 'echo "$@" >> arguments; cat >> input'), {"ccapi:a": "hidden"})
    assert (workspace / "arguments").read_text() == (
        "config set --secret --non-interactive --stack local ccapi:a\n"
    )
    assert (workspace / "input").read_text() == "hidden"


def test_a_secret_that_cannot_be_set_is_reported_without_it(workspace: Any) -> None:
    with pytest.raises(RunError, match=r"^ccapi:a cannot be set in the local stack: error: … is bad$"):
        stack.set_secrets(cli(workspace, 'echo "error: $(cat) is bad" >&2; exit 1'), {"ccapi:a": "hidden"})
    with pytest.raises(RunError, match="encrypted with another passphrase"):
        stack.set_secrets(cli(workspace, "echo incorrect passphrase >&2; exit 1"), {"ccapi:a": "hidden"})
