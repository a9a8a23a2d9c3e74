"""The commands that messages offer: AWS CLI lines that run in any directory, whatever region the CLI has by default."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

from reporter.links import account
from reporter.message import Command
from reporter.settings import Settings
from reporter.words import clean, cut

INPUT_MAX_CHARACTERS = 8_192
"""ECS RunTask takes overrides of 8,192 characters, so no worker has received a longer input."""

_SHOWN_INPUT_CHARACTERS = 100
_INPUT_FILE = "file://input.json"
# In JSON an apostrophe can be written without one, so that the whole input can stand between apostrophes; so can a
# backtick, of which three would end a block of code in Slack.
_ESCAPED = str.maketrans({"'": "\\u0027", "`": "\\u0060"})


def start(settings: Settings, purpose: str) -> Command:
    """Return the command that starts a run with the defaults of the stack."""
    return Command(purpose, _start(settings))


def input_again(given: Any, run_id: str = "") -> dict[str, Any]:
    """Return the input that starts a run again: all of the first input, and the name of a run that has a plan."""
    known = given if isinstance(given, Mapping) else {}
    return {**known, "run_id": run_id} if run_id else dict(known)


def start_again(settings: Settings, purpose: str, given: Any, run_id: str = "") -> Command:
    """Return the command that starts a run with all of an input, and with the name of a run that has a plan.

    An input that is no JSON object starts no run: the command leaves it out, and its purpose says so.
    """
    known = given if isinstance(given, Mapping) else {}
    whole = input_again(given, run_id)
    # ASCII has no letter that a terminal could show differently from what it is.
    text = json.dumps(whole, separators=(",", ":")).translate(_ESCAPED)
    if given is None or len(text) > INPUT_MAX_CHARACTERS:
        named = f", and set run_id to {run_id} in it" if run_id else ""
        why = (
            "is not known, or too long for this message" if given is None else "is too long for this message"
        )
        file = f"the input {why}: copy it from the Execution link into input.json{named}"
        return Command(_with_note(purpose, file), f"# {_start(settings)} --input {_INPUT_FILE}")
    if known is not given:
        shown = cut(clean(json.dumps(given)), _SHOWN_INPUT_CHARACTERS)
        purpose = _with_note(purpose, f"without the input {shown}, which is no JSON object")
    return Command(purpose, f"{_start(settings)} --input '{text}'")


def _with_note(purpose: str, note: str) -> str:
    """Return a purpose, which ends in a colon, with a note before the colon."""
    return f"{purpose.rstrip(':')} ({note}):"


def start_corrected(settings: Settings, purpose: str) -> Command:
    """Return the command that starts a run with an input that the operator has to write first; it cannot be pasted."""
    return Command(purpose, f"# {_start(settings)} --input {_INPUT_FILE}")


def show_file(settings: Settings, purpose: str, uri: str) -> Command:
    """Return the command that prints an object of S3."""
    return Command(purpose, f"aws s3 cp --region {settings.aws_region} {shlex.quote(uri)} -")


def delete_file(settings: Settings, purpose: str, uri: str) -> Command:
    """Return the command that deletes an object of S3."""
    return Command(purpose, f"aws s3 rm --region {settings.aws_region} {shlex.quote(uri)}")


def list_executions(settings: Settings, purpose: str, machine_arn: str, status: str = "") -> Command:
    """Return the command that lists the last executions of a state machine, of one status or of all."""
    only = f" --status-filter {status}" if status else ""
    return Command(
        purpose,
        f"aws stepfunctions list-executions --region {settings.aws_region} --state-machine-arn {machine_arn}{only}"
        " --max-items 5",
    )


def read_queue(settings: Settings, purpose: str, queue: str) -> Command:
    """Return the command that reads the messages of a queue and leaves them in it."""
    return Command(
        purpose,
        f"aws sqs receive-message {_queue(settings, queue)} --max-number-of-messages 10 --attribute-names All"
        " --message-attribute-names All",
    )


def empty_queue(settings: Settings, purpose: str, queue: str) -> Command:
    """Return the command that deletes all messages of a queue."""
    return Command(purpose, f"aws sqs purge-queue {_queue(settings, queue)}")


def _queue(settings: Settings, queue: str) -> str:
    """Return the options that name a queue of the stack."""
    domain = "amazonaws.com.cn" if settings.machine_arn.startswith("arn:aws-cn:") else "amazonaws.com"
    url = f"https://sqs.{settings.aws_region}.{domain}/{account(settings)}/{queue}"
    return f"--region {settings.aws_region} --queue-url {url}"


def list_subscriptions(settings: Settings, purpose: str, topic_arn: str) -> Command:
    """Return the command that lists the subscriptions of a topic, with those that wait for their confirmation."""
    return Command(
        purpose,
        f"aws sns list-subscriptions-by-topic --region {settings.aws_region} --topic-arn {topic_arn}",
    )


def tail_log(settings: Settings, purpose: str, log_group: str) -> Command:
    """Return the command that shows the last hours of a log group."""
    return Command(purpose, f"aws logs tail {log_group} --region {settings.aws_region} --since 3h")


def alarm_history(settings: Settings, purpose: str, name: str) -> Command:
    """Return the command that shows the last changes of an alarm."""
    return Command(
        purpose,
        f"aws cloudwatch describe-alarm-history --region {settings.aws_region} --alarm-name {name} --max-items 5",
    )


def _start(settings: Settings) -> str:
    return (
        f"aws stepfunctions start-execution --region {settings.aws_region}"
        f" --state-machine-arn {settings.machine_arn}"
    )
