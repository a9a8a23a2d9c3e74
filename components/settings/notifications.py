"""Who is told."""

from typing import Annotated

from pydantic import Field, StringConstraints

from components.settings.concern import Concern

EmailAddress = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=320)]


class Notifications(Concern):
    """E-mail addresses by occasion; AWS asks each of them to confirm once."""

    success_emails: tuple[EmailAddress, ...] = Field(default=(), max_length=20)
    """Told when a run succeeded."""
    failure_emails: tuple[EmailAddress, ...] = Field(min_length=1, max_length=20)
    """Told when a run failed, wholly or in part, and of every alarm."""
