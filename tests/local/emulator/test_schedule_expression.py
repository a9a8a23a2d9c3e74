import pytest

from local.emulator.schedule_expression import parse


@pytest.mark.parametrize(
    "expression",
    [
        "rate(5 minutes)",
        "rate(1 day)",
        "at(2030-01-01T00:00:00)",
        "cron(0 9 ? * MON *)",
        "cron(0/15 8-18 ? * MON-FRI *)",
        "cron(0 9 L * ? *)",
        "cron(0 9 15W * ? *)",
        "cron(0 9 ? * 2#1 *)",
        "cron(50-10/5 22-2 ? NOV-FEB FRI-MON *)",
        "cron(0 9 ? JAN,JUL 6L 2026-2030)",
    ],
)
def test_an_expression_that_aws_takes_is_taken(expression: str) -> None:
    parse(expression)


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("weekly", "neither"),
        ("rate(0 days)", "neither"),
        ("rate(5 fortnights)", "neither"),
        ("at(2030-13-01T00:00:00)", "month"),
        ("cron(0 9 * * MON *)", "exactly one must be"),
        ("cron(0 9 ? * ? *)", "exactly one must be"),
        ("cron(61 9 ? * MON *)", "'61' is no minutes"),
        ("cron(0 24 ? * MON *)", "'24' is no hours"),
        ("cron(0 9 ? * FUN *)", "'FUN' is no day of week"),
        ("cron(0 9 32 * ? *)", "'32' is no day of month"),
        ("cron(0/0 9 ? * MON *)", "'0/0' is no minutes"),
        ("cron(0 9 ? * 3#1,6#3 *)", "# stands alone"),
        ("cron(0 9 ? * 3#6 *)", "'3#6' is no day of week"),
        ("cron(0 9 32W * ? *)", "'32W' is no day of month"),
        ("cron(0 9 ? * MON 2030-2026)", "'2030-2026' is no year"),
        ("cron(0 9 ? * MON)", "takes 6 fields, not 5"),
    ],
)
def test_an_expression_that_aws_refuses_is_refused_with_what_is_wrong(
    expression: str, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse(expression)
