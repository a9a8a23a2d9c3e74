"""Links to the AWS console, with who can open them."""

from collections.abc import Iterable
from urllib.parse import quote

from reporter.message import Link
from reporter.settings import Settings

# ARNs and names stand in a URL as they are; other characters are escaped.
_PLAIN = ":/-_.~"
PAGE_KEY = "dashboard.html"
"""The key of the page about all runs in the reports bucket."""


def account(settings: Settings) -> str:
    """Return the number of the stack's AWS account."""
    return settings.machine_arn.split(":")[4]


def console_link(settings: Settings, label: str, url: str) -> Link:
    """Return a link that needs a login to the stack's AWS account."""
    return Link(label, url, f"needs a login to the AWS account {account(settings)}")


def shared_access(links: Iterable[Link]) -> str:
    """Return the required access if it is the same for all links; else an empty text."""
    access = {link.access for link in links}
    return next(iter(access)) if len(access) == 1 else ""


def access_lines(links: Iterable[Link]) -> tuple[str, ...]:
    """Return the lines on the required access: one if it is the same for all links, else one for each link with
    some."""
    known = tuple(links)
    if shared := shared_access(known):
        return (f"Each of these links {shared}.",)
    return tuple(f"{link.label}: {link.access}" for link in known if link.access)


def reports(settings: Settings, run_id: str) -> Link:
    """Return the link to the reports of a run."""
    return console_link(settings, "Reports", f"{reports_folder(settings)}{quote(run_id, safe='')}/")


def reports_folder(settings: Settings) -> str:
    """Return the URL of the folder of all reports, which the name of a run and a slash follow."""
    return (
        f"{settings.console}/s3/buckets/{settings.reports_bucket}?region={settings.aws_region}&prefix=weekly/"
    )


def all_runs(settings: Settings) -> Link:
    """Return the link to the page about all runs, which the S3 console opens."""
    page = f"{settings.console}/s3/object/{settings.reports_bucket}?region={settings.aws_region}"
    return console_link(settings, "All runs", f"{page}&prefix={PAGE_KEY}")


def execution(settings: Settings, arn: str, label: str = "Execution") -> Link:
    """Return the link to an execution of a state machine."""
    details = f"{settings.console}/states/home?region={settings.aws_region}#/v2/executions/details/"
    return console_link(settings, label, details + quote(arn, safe=_PLAIN))


def executions(settings: Settings, machine_arn: str) -> Link:
    """Return the link to the executions of a state machine."""
    machine = f"{settings.console}/states/home?region={settings.aws_region}#/statemachines/view/{machine_arn}"
    return console_link(settings, "Executions", machine)


def worker_log(settings: Settings, stream: str = "") -> Link:
    """Return the link to a log stream of a worker; without a stream, to the log group of all workers."""
    groups = f"{settings.console}/cloudwatch/home?region={settings.aws_region}#logsV2:log-groups/log-group/"
    group = groups + _in_fragment(settings.worker_log_group)
    if not stream:
        return console_link(settings, "Worker logs", group)
    return console_link(settings, "Worker log", f"{group}/log-events/{_in_fragment(stream)}")


def dashboard(settings: Settings) -> Link:
    """Return the link to the stack's dashboard."""
    return console_link(settings, "Dashboard", settings.dashboard_url)


def alarm(settings: Settings, name: str) -> Link:
    """Return the link to a CloudWatch alarm."""
    alarms = f"{settings.console}/cloudwatch/home?region={settings.aws_region}#alarmsV2:alarm/"
    return console_link(settings, "Alarm", alarms + quote(name, safe=""))


def _in_fragment(name: str) -> str:
    """Return a name as the CloudWatch console writes it in its fragment: escaped twice, with `$` for `%`."""
    return quote(quote(name, safe=""), safe="").replace("%", "$")
