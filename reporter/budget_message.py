"""The message of a notice from AWS Budgets, which is a plain text with lines such as `Budget Name: ccapi-monthly-prod`.

Its figures are 8 to 24 hours old. Source: "Managing your costs with AWS Budgets", Budget alerts.
"""

import re

from reporter.documents import document
from reporter.footer import footer
from reporter.links import console_link, dashboard
from reporter.message import Command, Message, Occasion
from reporter.operator_commands import operator_command, troubleshooting
from reporter.settings import Settings
from reporter.words import clean, subject, text_lines

_SUBJECT = "AWS Budgets:"
_FIRST_LINE = "AWS Budget Notification"
_FIELD = re.compile(
    r"^(Budget Name|Budget Type|Budgeted Amount|Alert Type|Alert Threshold|(?:ACTUAL|FORECASTED) Amount): *(.*?) *$",
    re.MULTILINE,
)
_FORECASTED = "FORECASTED"
_COST = "Cost"
_MONTHLY = "for the current month"


def is_budget(title: str, text: str) -> bool:
    """Return whether a notification with this subject and text comes from AWS Budgets."""
    return title.startswith(_SUBJECT) or text.startswith(_FIRST_LINE)


def budget_message(title: str, text: str, event_id: str, settings: Settings) -> Message:
    """Return the message of a budget notice."""
    occasion = Occasion.BUDGET
    found = {name: clean(value) for name, value in _FIELD.findall(text)}
    is_forecast = found.get("Alert Type") == _FORECASTED or f"{_FORECASTED} Amount" in found
    console = settings.console.replace(f"{settings.aws_region}.", "", 1)
    return Message(
        id=event_id,
        occasion=occasion,
        subject=subject(settings, "", _verdict(found, is_forecast=is_forecast)),
        headline=_headline(title, found, is_forecast=is_forecast, is_monthly=_MONTHLY in text),
        lines=(
            "A budget warns and stops nothing: scheduled runs go on.",
            "What to do: see in Cost Explorer which service grew. If the cost is expected, raise budget.monthlyUsd; if "
            "not, pause the schedule with a command below.",
        ),
        details=text_lines(text),
        links=(
            console_link(settings, "Budgets", f"{console}/billing/home#/budgets"),
            console_link(settings, "Cost Explorer", f"{console}/cost-management/home#/cost-explorer"),
            dashboard(settings),
            *troubleshooting(settings, occasion),
        ),
        commands=(
            operator_command(settings, "To see what each run cost:", "runs"),
            operator_command(settings, "To pause the schedule now:", "schedule pause"),
            Command(
                "To keep it paused after the next deployment, in a checkout of the project with the stack selected:",
                f"pulumi config set --path {settings.project}:schedule.paused true && pulumi up",
            ),
        ),
        footer=footer(settings),
        document=document(settings, occasion, notice={"subject": title, "text": text}),
    )


def _verdict(found: dict[str, str], *, is_forecast: bool) -> str:
    amount, limit = _amount(found), found.get("Budgeted Amount", "")
    if not amount or not limit:
        return "budget alert"
    used = "spent" if _is_cost(found) else "used"
    return f"budget alert, {'forecast' if is_forecast else used} {amount} of {limit}"


def _headline(title: str, found: dict[str, str], *, is_forecast: bool, is_monthly: bool) -> str:
    amount = _amount(found)
    threshold = found.get("Alert Threshold", "")
    if not amount or not threshold:
        return clean(title) or "AWS Budgets sent an alert."
    side = "below" if threshold.startswith("<") else "above"
    name = found.get("Budget Name", "without a name")
    limit = (
        f", {found['Budgeted Amount']}{' a month' if is_monthly else ''}"
        if "Budgeted Amount" in found
        else ""
    )
    return (
        f"{_amount_is(found, amount, is_forecast=is_forecast, is_monthly=is_monthly)}, {side} the alert threshold of "
        f"{threshold.lstrip('<>= ')} (budget {name}{limit})."
    )


def _amount_is(found: dict[str, str], amount: str, *, is_forecast: bool, is_monthly: bool) -> str:
    """Return the words for the amount of a notice, which is a cost, a usage or a percentage."""
    if is_forecast:
        period = " for this month" if is_monthly else ""
        return f"AWS forecasts {'a cost of ' if _is_cost(found) else ''}{amount}{period}"
    period = " this month" if is_monthly else ""
    return f"{amount} has been spent{period}" if _is_cost(found) else f"The actual amount{period} is {amount}"


def _is_cost(found: dict[str, str]) -> bool:
    return found.get("Budget Type", _COST) == _COST


def _amount(found: dict[str, str]) -> str:
    return found.get("ACTUAL Amount") or found.get(f"{_FORECASTED} Amount") or ""
