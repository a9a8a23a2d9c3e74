"""The check of the mail addresses' subscriptions."""

from cli.doctor.check import Context, Finding, fail, ok, plural, warn
from cli.subscriptions import CONFIRMED, TOPICS, subscriptions

_NEEDED = "failure"


def check_subscriptions(context: Context) -> Finding:
    """Find addresses that get no mail because their subscription is not confirmed."""
    found = [each for each in subscriptions(context.stack) if each.protocol.startswith("email")]
    missing = [each for each in found if each.state != CONFIRMED]
    seen = f"{plural(len(found), 'subscription')} of {plural(len(TOPICS), 'topic')}, {len(missing)} not confirmed"
    confirm = context.ccapi("notify confirm")
    if not any(each.topic == _NEEDED and each.state == CONFIRMED for each in found):
        return fail(
            f"{seen}: no address is mailed when a run fails",
            "Send the confirmations again, and follow the links in the mails.",
            confirm,
        )
    if missing:
        named = ", ".join(f"{each.endpoint} ({each.topic}: {each.state})" for each in missing)
        return warn(
            f"{seen}: {named}", "Send the confirmations again, and follow the links in the mails.", confirm
        )
    return ok(seen)
