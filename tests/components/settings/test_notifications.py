import pytest
from pydantic import ValidationError

from components.settings.notifications import Notifications


@pytest.mark.parametrize(
    "address", ["a@b.c", "your-integration-key@events.pagerduty.com", "o'neil+x@example.org"]
)
def test_an_address_is_taken(address: str) -> None:
    assert Notifications(failure_emails=(address,)).failure_emails == (address,)


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b", "a b@example.com", "a@b@example.com", "a@example.com\n"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        Notifications(failure_emails=(address,))


def test_an_address_may_be_as_long_as_mail_allows() -> None:
    longest = "a" * (320 - len("@example.com")) + "@example.com"
    assert Notifications(failure_emails=(longest,))
    with pytest.raises(ValidationError):
        Notifications(failure_emails=("a" + longest,))
