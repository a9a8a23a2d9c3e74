import pytest
from botocore.loaders import Loader
from pydantic import ValidationError

from components.settings.observability import Observability


@pytest.mark.parametrize("days", [1, 90, 3653])
def test_a_retention_that_cloudwatch_logs_knows_is_taken(days: int) -> None:
    assert Observability.model_validate({"logRetentionDays": days}).log_retention_days == days


@pytest.mark.parametrize("days", [0, 2, 100, 3654, -1])
def test_any_other_retention_is_refused(days: int) -> None:
    with pytest.raises(ValidationError):
        Observability.model_validate({"logRetentionDays": days})


def test_the_retentions_are_those_of_the_api() -> None:
    documentation = Loader().load_service_model("logs", "service-2")["shapes"]["Days"]["documentation"]
    for days in range(1, 4000):
        offered = f" {days}," in documentation or f"and {days}." in documentation
        try:
            Observability.model_validate({"logRetentionDays": days})
        except ValidationError:
            assert not offered, days
        else:
            assert offered, days
