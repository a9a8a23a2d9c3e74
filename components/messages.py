"""What people are told at the end of a run, as JSONata over the variable `outcome`.

A subject is printable ASCII with less than 100 characters. SNS's Publish takes more today (parameter Subject: UTF-8
without control characters), but earlier versions of its API took ASCII alone, and a subject that is refused loses the
message. A body is plain text in UTF-8 that reads well on a phone.
"""

import json
from dataclasses import dataclass

from components.failed_regions import failed_regions
from components.names import Names

SUBJECT_MAX_CHARACTERS = 99
# What is longer has reached no worker: ECS RunTask takes overrides of 8,192 characters.
_INPUT_MAX_CHARACTERS = 8_192
_APOSTROPHE = r"\\u0027"
_OWN_INPUT = "$states.context.Execution.Input"


@dataclass(frozen=True)
class Message:
    """A subject and a body, both as JSONata."""

    subject: str
    body: str


def _text(value: str) -> str:
    """Return a JSONata string literal."""
    return json.dumps(value, ensure_ascii=False)


def _subject(names: Names, verdict: str, run_id: str = "''") -> str:
    """Return JSONata for a subject; where it gets too long, what it is about is cut, and not the verdict."""
    about = f"{_text(f'{names.project} {names.environment}: ')} & {run_id}"
    return (
        f"($verdict := {verdict}; $about := {about};"
        f" $subject := $substring($about, 0, {SUBJECT_MAX_CHARACTERS} - $length($verdict)) & $verdict;"
        # The names of executions and stacks may have other letters.
        " $replace($subject, /[^ -~]/, '?'))"
    )


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
_CAUSE = "$substring($outcome.cause, 0, 2000) & ($length($outcome.cause) > 2000 ? '…' : '')"
_FAILED_REGIONS = failed_regions("$outcome.failures")
_HOW_FAR = (
    "$outcome.regions = 0 ? 'It had no plan yet, so no region was begun.'"
    " : $outcome.is_summarized ? $string($outcome.succeeded) & ' of ' & $string($outcome.regions)"
    " & ' regions were done.'"
    " : $string($outcome.regions) & ' regions were planned. How many are done is not known, and the page of the run is"
    " not current: its summary could not be made.'"
)
_PLANNED_FOR = (
    f"$type({_OWN_INPUT}.scheduled_time) = 'string'"
    f" ? 'It was scheduled for ' & {_OWN_INPUT}.scheduled_time & '.'"
)
# A run is named after the week in which it starts, and looks at the one before.
_LOOKED_AT = "($outcome.period != '' ? ' for ' & $outcome.period : '') & ' by the run ' & $outcome.run_id"


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
        _subject(names, "' complete'", "$outcome.run_id"),
        _lines(
            f"'All ' & $string($outcome.regions) & ' regions were monitored' & {_LOOKED_AT} & '.'",
            "$outcome.warnings",
            f"'Duration: ' & {_AGAINST_USUAL}",
            _COST,
            _label(_OWN_INPUT),
            "''",
            *_links(names),
        ),
    )


def partial_failure(names: Names, *, resumes: bool) -> Message:
    """Some regions were monitored; the rest is named with its reasons."""
    return Message(
        _subject(
            names,
            "' partial, ' & $string($outcome.failed) & ' of ' & $string($outcome.regions) & ' regions failed'",
            "$outcome.run_id",
        ),
        _lines(
            "$string($outcome.succeeded) & ' of ' & $string($outcome.regions)"
            f" & ' regions were monitored' & {_LOOKED_AT} & '. Failed:'",
            _FAILED_REGIONS,
            "$outcome.warnings",
            f"'Duration: ' & {_AGAINST_USUAL}",
            _COST,
            _label(_OWN_INPUT),
            "''",
            *_links(names),
            "''",
            *_redo(names, _OWN_INPUT, resumes=resumes),
        ),
    )


def failure(names: Names, *, resumes: bool) -> Message:
    """Nothing was monitored, or the run could not go on."""
    return Message(
        _subject(names, "' FAILED'", "$outcome.run_id"),
        _lines(
            f"'The run ' & $outcome.run_id & ' failed after ' & {_AGAINST_USUAL} & '.'",
            f"$outcome.regions = 0 ? ({_PLANNED_FOR})",
            "'Error: ' & $outcome.error",
            # Where regions have failed, they are the cause.
            f"$count($outcome.failures) > 0 ? {_FAILED_REGIONS} : 'Cause: ' & {_CAUSE}",
            "$outcome.regions > 0 ? $string($outcome.succeeded) & ' of ' & $string($outcome.regions)"
            " & ' regions were done.'",
            _COST,
            _label(_OWN_INPUT),
            "''",
            *_links(names),
            "''",
            *_redo(names, _OWN_INPUT, resumes=resumes),
        ),
    )


def silent_end(names: Names, timeout_seconds: int, *, resumes: bool) -> Message:
    """The execution ended in a way that none of its states saw; the watch has made its summary."""
    return Message(
        _subject(names, "' ' & $join($split($outcome.status, '_'), ' ')", "$outcome.run_id"),
        _lines(
            "'The run ' & $outcome.run_id & ("
            f"$outcome.status = 'TIMED_OUT' ? ' was ended after the {timeout_seconds} s that it may take.'"
            " : $outcome.status = 'ABORTED' ? ' was stopped by hand.'"
            " : ' failed by an error that none of its states could catch.')",
            "$outcome.error != '' ? 'Error: ' & $outcome.error",
            f"$outcome.cause != '' ? 'Cause: ' & {_CAUSE}",
            _HOW_FAR,
            f"$count($outcome.failures) > 0 ? {_FAILED_REGIONS}",
            "$outcome.warnings",
            "'What was finished is kept; workers that were left are being stopped.'",
            f"'Duration: ' & {_AGAINST_USUAL}",
            _COST_AT_MOST,
            _label("$input"),
            "''",
            *_links(names),
            "''",
            *_redo(names, "$input", resumes=resumes),
        ),
    )


def missed(names: Names, after_hours: int) -> Message:
    """No run has succeeded for longer than the schedule allows; the watch knows `hours` and `last_run`."""
    executions = f"{names.console}/states/home?region={names.region}#/statemachines/view/{names.machine_arn}"
    return Message(
        _subject(names, "'no run has succeeded for ' & $string($floor($hours)) & ' hours'"),
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
            _text(_start_command(names)),
        ),
    )


def skipped(names: Names) -> Message:
    """The run was not begun, since another one works."""
    return Message(
        _subject(names, "' skipped, another run works'", "$run_id"),
        _lines(
            "'The run ' & $run_id & ' was not begun: ' & $owner.run & ' still works.'",
            "'Its execution: ' & $owner.execution",
            "'Cost: less than a cent, since no worker was started.'",
            _label(_OWN_INPUT),
            "''",
            "'To begin it when that one is over:'",
            _command(names, _OWN_INPUT),
        ),
    )


def _label(given: str) -> str:
    """Return JSONata for the line with the name that an execution's input, which is JSONata, gives to the run."""
    name = f"{given}.execution_name"
    return f"$type({name}) = 'string' ? 'Name: ' & $substring({name}, 0, 80)"


def _redo(names: Names, given: str, *, resumes: bool) -> tuple[str, ...]:
    what = "To do what is missing, and only that:" if resumes else "To do it again, all of it:"
    unplanned = "To start it again, once what is wrong has been put right:"
    return (
        f"$outcome.regions = 0 ? {_text(unplanned)} : {_text(what)}",
        f"$outcome.regions = 0 ? {_command(names, given)} : {_command(names, given, '$outcome.run_id')}",
    )


def _start_command(names: Names) -> str:
    """Return the command that starts a run, whatever region the operator's CLI is set to."""
    return (
        f"aws stepfunctions start-execution --region {names.region} --state-machine-arn {names.machine_arn}"
    )


def _command(names: Names, given: str, run_id: str | None = None) -> str:
    """Return JSONata for the command that does a run which was started with an input; both are JSONata.

    All of the input is in it. A run that was planned is named there too. The name of another one would be refused, and
    a scheduled run gets it again from the time in its input.
    """
    named = f", {{'run_id': {run_id}}}" if run_id else ""
    whole = f"$merge([$type({given}) = 'object' ? {given} : {{}}{named}])"
    # It stands between apostrophes, so that one inside of it is written as JSON can, too.
    quoted = f"""$replace($string({whole}), "'", "{_APOSTROPHE}")"""
    command = _text(f"{_start_command(names)} --input ")
    too_long = _text("file://input.json\n(the execution's input, which is too long for here")
    with_name = f" & ', with the run_id ' & {run_id}" if run_id else ""
    return (
        f"($input_json := {quoted}; {command} & ($length($input_json) <= {_INPUT_MAX_CHARACTERS}"
        f""" ? "'" & $input_json & "'" : {too_long}{with_name} & ')'))"""
    )
