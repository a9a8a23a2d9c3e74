"""`ccapi dlq`: the messages in the three dead-letter queues, and making up for them."""

from collections.abc import Sequence

import click

from cli.aws_errors import translated
from cli.exit_codes import ExitCode
from cli.invocation import Invocation, OperatorGroup, pass_invocation
from cli.queues import dead_letters
from cli.queues.dead_letters import MEANINGS, QUEUES, DeadLetter
from cli.queues.redrive import DONE, FAILED, Redriven, redrive
from cli.times import iso

_QUEUE = click.argument("queue", type=click.Choice([*QUEUES]), required=False)


@click.group(cls=OperatorGroup, invoke_without_command=True)
@click.pass_context
def dlq(context: click.Context) -> None:
    """Show or redrive what could not be delivered; without a command, show it."""
    if context.invoked_subcommand is None:
        context.invoke(show, queue=None)


@dlq.command()
@_QUEUE
@pass_invocation
def show(invocation: Invocation, queue: str | None) -> None:
    """Show the messages with their reasons.

    Those of one dead-letter queue, or of all three, are shown; they stay in the queue.
    """
    stack, output = invocation.stack, invocation.output
    names = [queue] if queue else [*QUEUES]
    with translated(stack):
        counted = {name: dead_letters.counts(stack, name) for name in names}
        letters = {name: dead_letters.peek(stack, name) for name in names}
    output.table(
        ("queue", "messages", "hidden", "holds"),
        [(name, str(len(letters[name])), str(counted[name].hidden), MEANINGS[name]) for name in names],
        right=("messages", "hidden"),
    )
    found = [letter for name in names for letter in letters[name]]
    if found:
        output.line()
        output.table(
            ("queue", "since", "what", "reason"),
            [
                (letter.queue, f"{letter.sent_at:%Y-%m-%d %H:%M} UTC", letter.about, letter.reason)
                for letter in found
            ],
        )
        output.line()
        output.line(
            f"To make up for them: ccapi dlq redrive{f' {queue}' if queue else ''} --stack {stack.name}"
        )
    output.document(
        {
            "queues": [
                {
                    "queue": name,
                    "url": stack[QUEUES[name]],
                    "hidden": counted[name].hidden,
                    "messages": [_document(letter) for letter in letters[name]],
                }
                for name in names
            ]
        }
    )


@dlq.command("redrive")
@_QUEUE
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@pass_invocation
def redrive_(invocation: Invocation, queue: str | None, dry_run: bool) -> int:
    """Make up for what was lost, in one queue or in all three.

    schedule: start the run that was lost; one that was made up for in the meantime ends at once. watch: start the watch
    machine with the event. notifications: send the message to the channel or the topic that did not take it. A message
    is deleted after that has succeeded, and stays in the queue otherwise; then the exit code is 1.
    """
    stack, output = invocation.stack, invocation.output
    results: list[Redriven] = []
    with translated(stack):
        for name in [queue] if queue else QUEUES:
            results.extend(redrive(stack, name, is_dry_run=dry_run))
    if results:
        output.table(
            ("queue", "what", "action", "result"),
            [(each.letter.queue, each.letter.about, str(each.action), _result(each)) for each in results],
        )
        output.line(_summary(results, is_dry_run=dry_run))
    else:
        output.line(f"{'The queue has' if queue else 'The queues have'} no messages.")
    output.document(
        {
            "dry_run": dry_run,
            "messages": [
                {
                    **_document(each.letter),
                    "queue": each.letter.queue,
                    "action": str(each.action),
                    "result": each.result,
                    "detail": each.detail,
                }
                for each in results
            ],
        }
    )
    return ExitCode.FAILED if any(each.result == FAILED for each in results) else ExitCode.OK


def _result(each: Redriven) -> str:
    if each.result == FAILED:
        return f"failed: {each.detail}"
    return each.detail if each.result == DONE else each.result


def _summary(results: Sequence[Redriven], *, is_dry_run: bool) -> str:
    if is_dry_run:
        return "Nothing was done: --dry-run."
    done = sum(each.result == DONE for each in results)
    left = len(results) - done
    return f"{done} made up for and deleted, {left} left in the queue."


def _document(letter: DeadLetter) -> dict[str, object]:
    return {
        "id": letter.id,
        "since": iso(letter.sent_at),
        "about": letter.about,
        "reason": letter.reason,
        "body": letter.body,
    }
