"""The check of the three dead-letter queues."""

from cli.doctor.check import Context, Finding, fail, ok
from cli.queues.dead_letters import MEANINGS, QUEUES, counts
from reporter.words import count


def check_dead_letters(context: Context) -> Finding:
    """Find messages in the dead-letter queues."""
    found = {queue: counts(context.stack, queue) for queue in QUEUES}
    filled = {
        queue: each.waiting + each.hidden for queue, each in found.items() if each.waiting + each.hidden
    }
    seen = f"{count(len(QUEUES), 'queue')}, {count(sum(filled.values()), 'message')}"
    if not filled:
        return ok(seen)
    return fail(
        f"{seen}: {'; '.join(f'{count} {MEANINGS[queue]}' for queue, count in filled.items())}",
        f"Read why with `{context.ccapi('dlq')}`, correct the cause, and make up for them.",
        context.ccapi("dlq redrive"),
    )
