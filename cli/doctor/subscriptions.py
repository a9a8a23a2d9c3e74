"""The check of the mail addresses' subscriptions."""

from cli.doctor.check import Context, Finding, fail, ok, warn
from cli.messages.subscriptions import CONFIRMED, TOPICS, mail_subscriptions, unlisted
from reporter.words import count

_NEEDED = "failure"


def check_subscriptions(context: Context) -> Finding:
    """Find addresses that get no mail because their subscription is not confirmed."""
    found = mail_subscriptions(context.stack)
    gone = unlisted(context.stack, found)
    missing = [each for each in found if each.state != CONFIRMED]
    topics = sum(bool(context.stack[output]) for output in TOPICS.values())
    seen = f"{count(len(found), 'subscription')} of {count(topics, 'topic')}, {len(missing)} not confirmed"
    confirm = context.ccapi("notify confirm")
    if not any(each.topic == _NEEDED and each.state == CONFIRMED for each in found):
        return fail(
            f"{seen}: no address is mailed when a run fails",
            "Send the confirmations again, and follow the links in the mails.",
            confirm,
        )
    if gone:
        named = ", ".join(f"{number} of {topic}" for topic, number in gone.items())
        return warn(
            f"{seen}; addresses of the settings without a subscription: {named}",
            "AWS deletes a subscription that is not confirmed within 48 hours: subscribe them again.",
            context.up,
        )
    if missing:
        named = ", ".join(f"{each.endpoint} ({each.topic}: {each.state})" for each in missing)
        return warn(
            f"{seen}: {named}", "Send the confirmations again, and follow the links in the mails.", confirm
        )
    return ok(seen)
