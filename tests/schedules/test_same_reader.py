from tests.stacks import ROOT

FILES = (
    ROOT / "components/settings/schedule_expression.py",
    ROOT / "policies/guardrails/aws/schedule_expression.py",
    ROOT / "local/emulator/schedule_expression.py",
    ROOT / "reporter/schedule_expression.py",
)


def test_the_four_readers_are_one_file() -> None:
    first, *others = (file.read_bytes() for file in FILES)
    assert all(other == first for other in others), (
        f"the readers of schedule expressions differ; copy the one that is right over the others: {FILES}"
    )
