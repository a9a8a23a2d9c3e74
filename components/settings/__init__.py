"""Everything that a stack file sets, as small frozen models, one a concern, checked alone and together.

Nothing here knows Pulumi: a stack file's keys come in as plain values and leave as `Settings`, or as one
`SettingsError` that tells every mistake.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from components.settings.concern import Concern
from components.settings.facts import contradictions
from components.settings.form import has_form
from components.settings.mistakes import Mistake, SettingsError, from_pydantic
from components.settings.monitoring import Monitoring
from components.settings.network import Network
from components.settings.notifications import Notifications
from components.settings.observability import Observability
from components.settings.run import Run
from components.settings.schedule import Schedule
from components.settings.worker import Worker

__all__ = ["KEYS", "Mistake", "Settings", "SettingsError"]

AccountId = Annotated[
    str, has_form(r"\d{12}", what="an account of twelve digits in quotes", example='"111111111111"')
]
# The isolated partitions (us-iso…, eu-iso…) have neither public consoles nor all of the services used here.
Region = Annotated[
    str, has_form(r"(?!..-iso)[a-z]{2}(-[a-z]+)+-\d", what="an AWS region", example="us-east-1")
]


class Settings(BaseModel):
    """The settings of one stack."""

    model_config = ConfigDict(frozen=True)

    project: str
    environment: str
    region: Region
    account: AccountId
    schedule: Schedule
    monitoring: Monitoring
    worker: Worker
    run: Run
    notifications: Notifications
    network: Network
    observability: Observability

    @classmethod
    def load(
        cls, *, project: str, environment: str, region: str | None, values: Mapping[str, Any]
    ) -> "Settings":
        """Check the values of a stack file, by key without the project's prefix.

        Raises:
            SettingsError: with every mistake, those between two keys too.
        """
        mistakes = [
            Mistake(f"{project}:{key}", f"is not a setting; write one of {', '.join(KEYS)}")
            for key in sorted(set(values) - set(KEYS))
        ]
        parsed: dict[str, Any] = {}
        for key, form in {"region": Region, **KEYS}.items():
            # A concern that is left out has its defaults, unless one of them has none.
            value = region if key == "region" else values.get(key, {} if _is_concern(form) else None)
            name = "aws:region" if key == "region" else f"{project}:{key}"
            try:
                parsed[key] = TypeAdapter(form).validate_python(value)
            except ValidationError as error:
                mistakes += (
                    [Mistake(name, "is missing; write it")] if value is None else from_pydantic(error, name)
                )
        mistakes += [Mistake(f"{project}:{key}", text) for key, text in contradictions(parsed)]
        if mistakes:
            raise SettingsError(mistakes)
        return cls(project=project, environment=environment, **parsed)


KEYS: dict[str, Any] = {
    "account": AccountId,
    "schedule": Schedule,
    "monitoring": Monitoring,
    "worker": Worker,
    "run": Run,
    "notifications": Notifications,
    "network": Network,
    "observability": Observability,
}


def _is_concern(form: Any) -> bool:
    return isinstance(form, type) and issubclass(form, Concern)
