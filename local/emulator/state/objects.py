"""Changes of S3 buckets and objects: each request records all versions of the keys that it changed."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from moto.s3.models import FakeBucket, MultipartDict, s3_backends
from moto.s3.responses import S3Response
from moto.s3.utils import _VersionedKeyStore

from local.emulator.patch import replace
from local.emulator.state.recorder import Record

_CHANGING = frozenset({"PUT", "POST", "DELETE"})
_PARTS = ("keys", "multiparts")

_touched: ContextVar[set[tuple[str, str]] | None] = ContextVar("touched", default=None)
"""The bucket and key of each object that the current request changed so far."""


def attach(record: Record) -> None:
    """Record the changes of every request before it is answered."""

    def change_key(original: Callable[..., Any], self: Any, request: Any, url: str) -> Any:
        names = (self.parse_bucket_name_from_url(request, url), self.parse_key_name())
        return _recorded(
            record, {names} if request.method in _CHANGING else set(), original, self, request, url
        )

    def change_bucket(original: Callable[..., Any], self: Any, request: Any, url: str) -> Any:
        answer = _recorded(record, set(), original, self, request, url)
        # A POST deletes objects.
        if request.method in _CHANGING - {"POST"}:
            name = self.parse_bucket_name_from_url(request, url)
            record("bucket", name, _bucket_facts(name))
        return answer

    replace(_VersionedKeyStore, "__setitem__", _touch)
    replace(_VersionedKeyStore, "setlist", _touch)
    replace(_VersionedKeyStore, "pop", _touch)
    replace(S3Response, "_key_response", change_key)
    replace(S3Response, "_bucket_response", change_bucket)


def _touch(original: Callable[..., Any], self: Any, key: str, *arguments: Any) -> Any:
    touched = _touched.get()
    if touched is not None:
        touched |= {(bucket.name, key) for bucket in _buckets() if bucket.keys is self}
    return original(self, key, *arguments)


def _recorded(
    record: Record, touched: set[tuple[str, str]], original: Callable[..., Any], self: Any, *arguments: Any
) -> Any:
    token = _touched.set(touched)
    try:
        return original(self, *arguments)
    finally:
        # Also after an error: an injected one may come after the operation was performed.
        _touched.reset(token)
        for bucket, key in sorted(touched):
            if found := _find(bucket):
                backend, known = found
                versions = known.keys.getlist(key)
                tags = {
                    each.arn: backend.tagger.get_tag_dict_for_resource(each.arn)
                    for each in versions or ()
                    if hasattr(each, "arn")
                }
                record("object", bucket, key, versions, tags)


def apply_object(bucket: str, key: str, versions: list[Any] | None, tags: dict[str, dict[str, str]]) -> None:
    """Give an object the recorded versions, or delete it."""
    if (found := _find(bucket)) is None:
        return
    backend, known = found
    if versions:
        known.keys.setlist(key, versions)
    elif key in known.keys:
        known.keys.pop(key)
    for arn, each in tags.items():
        backend.tagger.delete_all_tags_for_resource(arn)
        if each:
            backend.tagger.tag_resource(arn, backend.tagger.convert_dict_to_tags_input(each))


def _bucket_facts(name: str) -> tuple[tuple[str, str], dict[str, Any]] | None:
    """Return the account and partition of a bucket, and its settings, or None if it does not exist."""
    found = _find(name)
    if found is None:
        return None
    backend, bucket = found
    settings = {key: value for key, value in vars(bucket).items() if key not in _PARTS}
    return (backend.account_id, backend.partition), settings


def apply_bucket(name: str, facts: tuple[tuple[str, str], dict[str, Any]] | None) -> None:
    """Give a bucket the recorded settings, create it, or delete it."""
    if facts is None:
        if found := _find(name):
            del found[0].buckets[name], s3_backends.bucket_accounts[name]
        return
    (account, partition), settings = facts
    buckets: dict[str, Any] = s3_backends[account][partition].buckets
    if name not in buckets:
        buckets[name] = FakeBucket.__new__(FakeBucket)
        buckets[name].keys, buckets[name].multiparts = _VersionedKeyStore(), MultipartDict()
        s3_backends.bucket_accounts[name] = (partition, account)
    vars(buckets[name]).update(settings)


def _find(name: str) -> tuple[Any, Any] | None:
    if name not in s3_backends.bucket_accounts:
        return None
    partition, account = s3_backends.bucket_accounts[name]
    backend = s3_backends[account][partition]
    return (backend, backend.buckets[name]) if name in backend.buckets else None


def _buckets() -> list[Any]:
    return [
        bucket
        for backends in list(s3_backends.values())
        for backend in list(backends.values())
        for bucket in list(backend.buckets.values())
    ]
