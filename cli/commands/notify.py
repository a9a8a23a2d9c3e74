"""`ccapi notify`: a test message through every channel, and the confirmation of mail addresses."""

import click

from cli.aws_errors import translated
from cli.errors import OperatorError
from cli.exit_codes import ExitCode
from cli.invocation import Invocation, OperatorGroup, pass_invocation
from cli.messages.deployed_reporter import reporter_settings
from cli.messages.subscriptions import CONFIRMED, Subscription, ask_again, mail_subscriptions, unlisted
from cli.queues.redrive import invoke_reporter


@click.group(cls=OperatorGroup)
def notify() -> None:
    """Send a test message, or confirm mail addresses."""


@notify.command()
@pass_invocation
def test(invocation: Invocation) -> int:
    """Send a test message through every configured channel.

    It goes to all mail addresses, to Slack and to the webhook, and says that nothing happened. In PagerDuty it resolves
    an incident that is not open: that checks the key and pages no person.
    The exit code is 1 if a channel did not take it, or an address is not confirmed.
    """
    stack, output = invocation.stack, invocation.output
    with translated(stack):
        channels = [*reporter_settings(stack).channels]
        answer = invoke_reporter(stack, {"test": f"{invocation.now():%Y%m%dT%H%M%S%fZ}"})
        addresses = mail_subscriptions(stack)
    failures = {each["channel"]: each["why"] for each in answer.get("undelivered", [])}
    results = [(name, _result(name, answer.get("delivered", []), failures)) for name in channels]
    output.table(("channel", "result"), results)
    unconfirmed = [each for each in addresses if each.state != CONFIRMED]
    output.line()
    output.line(f"Mailed to {_subscriptions(len(addresses) - len(unconfirmed), 'confirmed')}.")
    if unconfirmed:
        output.line(
            f"{_subscriptions(len(unconfirmed), 'unconfirmed')} got nothing. "
            f"Type `ccapi notify confirm --stack {stack.name}`."
        )
    output.document(
        {
            "channels": [
                {"channel": name, "delivered": result == "delivered", "why": failures.get(name)}
                for name, result in results
            ],
            "addresses": {"confirmed": len(addresses) - len(unconfirmed), "unconfirmed": len(unconfirmed)},
        }
    )
    is_complete = all(result == "delivered" for _, result in results) and not unconfirmed
    return ExitCode.OK if is_complete else ExitCode.FAILED


def _result(name: str, delivered: list[str], failures: dict[str, str]) -> str:
    if name in delivered:
        return "delivered"
    return f"not delivered: {failures.get(name, 'the reporter did not try it')}"


def _subscriptions(count: int, state: str) -> str:
    return f"{count} {state} subscription{'' if count == 1 else 's'}"


@notify.command()
@click.option("--dry-run", is_flag=True, help="List the states, and send no confirmation.")
@pass_invocation
def confirm(invocation: Invocation, dry_run: bool) -> int:
    """List each mail address with its state, and ask again.

    AWS sends its mail with the link again to those that are pending or deleted. The exit code is 1 while an address is
    not confirmed.
    """
    stack, output = invocation.stack, invocation.output
    with translated(stack):
        found = mail_subscriptions(stack)
        gone = unlisted(stack, found)
    sent: dict[Subscription, str] = {}
    for each in found:
        if each.state == CONFIRMED or dry_run:
            continue
        try:
            with translated(stack):
                ask_again(stack, each)
            sent[each] = "AWS has sent the mail with the link again"
        except OperatorError as error:
            sent[each] = f"not sent again: {error.what}"
    output.table(
        ("topic", "address", "state", "remark"),
        [(each.topic, each.endpoint, each.state, sent.get(each, "")) for each in found],
    )
    missing = [each for each in found if each.state != CONFIRMED]
    output.line()
    if missing:
        output.line(
            "The owner of each address has to follow the link in the mail from AWS (no-reply@sns.amazonaws.com) within "
            "48 hours; it may be in the spam folder."
        )
    else:
        output.line("Every listed address is confirmed." if found else "No address is subscribed.")
    for topic, count in gone.items():
        output.line(
            f"{count} of the settings' addresses for {topic} {'is' if count == 1 else 'are'} not subscribed: AWS "
            "deletes a subscription that is not confirmed within 48 hours. Type "
            f"`{'ccapi local up' if stack.is_local else f'pulumi up --refresh --stack {stack.name}'}`."
        )
    output.document(
        {
            "subscriptions": [
                {
                    "topic": each.topic,
                    "address": each.endpoint,
                    "state": each.state,
                    "sent_again": sent.get(each, "").startswith("AWS has"),
                }
                for each in found
            ],
            "not_subscribed": gone,
        }
    )
    return ExitCode.FAILED if missing or gone else ExitCode.OK
