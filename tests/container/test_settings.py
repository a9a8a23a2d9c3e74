import pytest

from worker.errors import ErrorName, WorkerError
from worker.settings import LostShard, Settings

ENVIRONMENT = {
    "RUN_ID": "2026-W48",
    "S3_REPORTS_BUCKET": "reports",
    "S3_CACHE_BUCKET": "cache",
    "CATALOG": "island",
}


def test_everything_but_the_run_its_buckets_and_its_catalog_has_a_default() -> None:
    settings = Settings.from_environment(ENVIRONMENT)
    assert (settings.shard, settings.attempt, settings.workload) == (0, 0, "sample")


def test_the_machine_writes_booleans_as_words() -> None:
    settings = Settings.from_environment(ENVIRONMENT | {"ENABLE_SCRAPING": "false", "FORCE_REFRESH": "true"})
    assert (settings.enable_scraping, settings.force_refresh) == (False, True)


def test_the_log_level_may_be_written_in_small_letters() -> None:
    assert Settings.from_environment(ENVIRONMENT | {"LOG_LEVEL": "debug"}).log_level == "DEBUG"


def test_one_error_lists_every_variable_that_is_wrong() -> None:
    wrong = {"S3_CACHE_BUCKET": "cache", "RUN_ID": "a/b", "SHARDS": "many", "WORKLOAD": "magic"}
    with pytest.raises(WorkerError) as caught:
        Settings.from_environment(wrong)
    assert caught.value.name == ErrorName.INVALID_INPUT
    for part in (
        "RUN_ID is 'a/b'",
        "S3_REPORTS_BUCKET is missing",
        "CATALOG is missing",
        "SHARDS is 'many'",
        "WORKLOAD is 'magic'",
    ):
        assert part in caught.value.cause


def test_two_catalogs_are_refused() -> None:
    items = '{"title": "Shops", "regions": [{"name": "rome"}]}'
    with pytest.raises(WorkerError, match="CATALOG and ITEMS are both set"):
        Settings.from_environment(ENVIRONMENT | {"ITEMS": items})


def test_an_empty_variable_counts_as_not_set() -> None:
    assert Settings.from_environment(ENVIRONMENT | {"SHARDS": ""}).shards == 1


def test_an_entry_about_lost_shards_may_name_several() -> None:
    one, several = LostShard(shard=1, error="crashed"), LostShard(shard=(2, 3), error="like the others")
    assert [shard for shard in range(5) if one.is_about(shard)] == [1]
    assert [shard for shard in range(5) if several.is_about(shard)] == [2, 3]
