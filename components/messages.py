"""What people are told at the end of a run, as JSONata over the variable `outcome`.

A subject has less than 100 characters and no line break (SNS, Publish, parameter Subject); a body is plain text
that reads well on a phone.
"""

import json
from dataclasses import dataclass

from components.names import Names

SUBJECT_MAX_CHARACTERS = 99


@dataclass(frozen=True)
class Message:
    """A subject and a body, both as JSONata."""

    subject: str
    body: str


def _text(value: str) -> str:
    """Return a JSONata string literal."""
    return json.dumps(value, ensure_ascii=False)


def _subject(code: str) -> str:
    return f"$substring({code}, 0, {SUBJECT_MAX_CHARACTERS})"


def _lines(*codes: str) -> str:
    return f"$join([{', '.join(codes)}], '\\n')"


def _duration(seconds: str) -> str:
    """Return JSONata for a number of seconds, which is JSONata too, as people say it."""
    minutes = f"$floor({seconds} / 60)"
    return f"({minutes} > 0 ? $string({minutes}) & ' min ' : '') & $string({seconds} % 60) & ' s'"


_DURATION = _duration("$outcome.duration_seconds")
# How long the last good run took says whether that is usual.
_AGAINST_USUAL = (
    f"{_DURATION} & ($outcome.usual_seconds > 0"
    f" ? ', the last good run took ' & {_duration('$outcome.usual_seconds')} : '')"
)
_USD = "$formatNumber($outcome.usd, '0.00##')"
_COST = f"'Cost: ' & ($outcome.usd > 0 ? 'about $' & {_USD} : 'not known')"
_COST_AT_MOST = f"'Cost: ' & ($outcome.usd > 0 ? 'at most about $' & {_USD} : 'not known')"
_FAILED_REGIONS = (
    "$join([$map($outcome.failures,"
    " function($failure) { '- ' & $failure.region & ': ' & $failure.error })], '\\n')"
)


def log_link(names: Names, stream: str) -> str:
    """Return JSONata for the link to a log stream of a worker; `stream` is JSONata too."""
    return f"{_text(_log_group(names) + '/log-events/')} & $join($split({stream}, '/'), '$252F')"


def _log_group(names: Names) -> str:
    group = names.worker_log_group.replace("/", "$252F")
    return f"{names.console}/cloudwatch/home?region={names.region}#logsV2:log-groups/log-group/{group}"


def _links(names: Names) -> tuple[str, ...]:
    executions = f"{names.console}/states/home?region={names.region}#/v2/executions/details/"
    reports = f"{names.console}/s3/buckets/{names.bucket('reports')}?region={names.region}&prefix=weekly/"
    return (
        f"{_text('Reports: ' + reports)} & $outcome.run_id & '/'",
        f"{_text('Execution: ' + executions)} & $outcome.execution",
        # The log of the worker that failed where there is one, else those of all.
        "'Worker logs: ' & ($outcome.log_stream != ''"
        f" ? {log_link(names, '$outcome.log_stream')} : {_text(_log_group(names))})",
        _text("Dashboard: " + names.dashboard_url),
    )


def success(names: Names) -> Message:
    """Every region was monitored."""
    return Message(
        _subject(f"{_text(f'✅ {names.project} {names.environment}: ')} & $outcome.run_id & ' complete'"),
        _lines(
            "'All ' & $string($outcome.regions) & ' regions were monitored for ' & $outcome.run_id & '.'",
            f"'Duration: ' & {_AGAINST_USUAL}",
            _COST,
            "''",
            *_links(names),
        ),
    )


def partial_failure(names: Names, *, resumes: bool) -> Message:
    """Some regions were monitored; the rest is named with its reasons."""
    return Message(
        _subject(
            f"{_text(f'⚠️ {names.project} {names.environment}: ')} & $outcome.run_id & ' partial, '"
            " & $string($outcome.failed) & ' of ' & $string($outcome.regions) & ' regions failed'"
        ),
        _lines(
            "$string($outcome.succeeded) & ' of ' & $string($outcome.regions)"
            " & ' regions were monitored for ' & $outcome.run_id & '. Failed:'",
            _FAILED_REGIONS,
            f"'Duration: ' & {_AGAINST_USUAL}",
            _COST,
            "''",
            *_links(names),
            "''",
            *_redo(names, resumes=resumes),
        ),
    )


def failure(names: Names, *, resumes: bool) -> Message:
    """Nothing was monitored, or the run could not go on."""
    return Message(
        _subject(f"{_text(f'🚨 {names.project} {names.environment}: ')} & $outcome.run_id & ' FAILED'"),
        _lines(
            "'The run ' & $outcome.run_id & ' failed after ' & " + _DURATION + " & '.'",
            "'Error: ' & $outcome.error",
            "'Cause: ' & $substring($outcome.cause, 0, 2000)",
            "$string($outcome.succeeded) & ' of ' & $string($outcome.regions) & ' regions were done.'",
            _COST,
            "''",
            *_links(names),
            "''",
            *_redo(names, resumes=resumes),
        ),
    )


def silent_end(names: Names, timeout_seconds: int, *, resumes: bool) -> Message:
    """The execution ended in a way that none of its states saw."""
    return Message(
        _subject(
            f"{_text(f'🚨 {names.project} {names.environment}: ')} & $outcome.run_id & ' '"
            " & $join($split($outcome.status, '_'), ' ')"
        ),
        _lines(
            "'The run ' & $outcome.run_id & ("
            f"$outcome.status = 'TIMED_OUT' ? ' was ended after the {timeout_seconds} s that it may take.'"
            f" : $outcome.status = 'ABORTED' ? ' was stopped by hand after ' & {_DURATION} & '.'"
            f" : ' failed after ' & {_DURATION} & ', by an error that none of its states could catch.')",
            "$outcome.error != '' ? 'Error: ' & $outcome.error",
            "$outcome.cause != '' ? 'Cause: ' & $substring($outcome.cause, 0, 2000)",
            "'What was finished is kept; workers that are left are being stopped.'",
            _COST_AT_MOST,
            "''",
            *_links(names),
            "''",
            *_redo(names, resumes=resumes),
        ),
    )


def missed(names: Names, after_hours: int) -> Message:
    """No run has succeeded for longer than the schedule allows; the watch knows `hours` and `last_run`."""
    executions = f"{names.console}/states/home?region={names.region}#/statemachines/view/{names.machine_arn}"
    return Message(
        _subject(
            f"{_text(f'🚨 {names.project} {names.environment}: no run has succeeded for ')}"
            " & $string($floor($hours)) & ' hours'"
        ),
        _lines(
            f"'No run has succeeded for ' & $string($floor($hours)) & ' hours, and {after_hours} are the most'"
            " & ' by the schedule, which is not paused.'",
            "'The last good run: ' & ($last_run != '' ? $last_run : 'none yet')",
            _text("A start that was lost lies in the queue " + names.schedule_queue + "."),
            "''",
            _text("Executions: " + executions),
            _text("Dashboard: " + names.dashboard_url),
            "''",
            "'To start a run now:'",
            _text(f"aws stepfunctions start-execution --state-machine-arn {names.machine_arn}"),
        ),
    )


def skipped(names: Names) -> Message:
    """The run was not begun, since another one works."""
    return Message(
        _subject(
            f"{_text(f'⚠️ {names.project} {names.environment}: ')} & $run_id & ' skipped, another run works'"
        ),
        _lines(
            "'The run ' & $run_id & ' was not begun: ' & $owner.run & ' still works.'",
            "'Its execution: ' & $owner.execution",
            "'Cost: less than a cent, since no worker was started.'",
            "''",
            "'To begin it when that one is over:'",
            _command(names, "$run_id"),
        ),
    )


def _redo(names: Names, *, resumes: bool) -> tuple[str, ...]:
    what = "To do what is missing, and only that:" if resumes else "To do it again, all of it:"
    return (_text(what), _command(names, "$outcome.run_id"))


def _command(names: Names, run_id: str) -> str:
    """Return JSONata for the command that does a run, whose name is JSONata."""
    command = f"aws stepfunctions start-execution --state-machine-arn {names.machine_arn} --input "
    opening, closing = _text(command + """'{"run_id": \""""), _text("""\"}'""")
    return f"{opening} & {run_id} & {closing}"
