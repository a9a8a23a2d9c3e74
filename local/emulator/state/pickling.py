"""The pickling of moto's objects: what has no value beyond its process is replaced, or made again.

Backends are named by class, account and region, so that each is pickled once, wherever it is referred to. A snapshot
names the value of an S3 object by its digest, and a change has one that is not on disk yet. A lock, a condition or an
event is a new one after loading. An execution keeps its history, and not the interpreter that ran it.
"""

import _thread
import io
import marshal
import pickle
import sys
import threading
import time
import types
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import import_module
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from moto.core.base_backend import AccountSpecificBackend, BackendDict, BaseBackend
from moto.s3.models import FakeKey
from moto.s3.utils import _VersionedKeyStore
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor.map_run_record import (
    MapRunRecordPoolManager,
)
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventManager
from moto.stepfunctions.parser.backend.execution import Execution

from local.emulator.ended_execution import EndedHistory, ended_worker
from local.emulator.spill_file import mapped
from local.emulator.state.values import Values

_PROTOCOL = 5
# Longer than it takes to pickle a state.
_UNDISTURBED_SECONDS = 30.0
_SETTLING_SECONDS = 2 * sys.getswitchinterval()
_DIGEST = "value_digest"
"""The attribute of an S3 object, whose value never changes, with the digest of its value."""
_NOT_KEPT = frozenset({"_value_buffer", "lock", _DIGEST})
_OF_THE_PROCESS = ("exec_worker", "_cloud_watch_logging_session", "_activity_store")

Reduce = Callable[[Any, "_Pickler"], Any]

_values: ContextVar[Values] = ContextVar("values")


def dump_state(state: Any, values: Values) -> bytes:
    """Return a state as it is at this moment, pickled; `values` gets those of the S3 objects in it."""
    return _dump(state, values, is_change=False)


def dump_change(change: Any, values: Values) -> bytes:
    """Return a change, pickled; it has the values of S3 objects that are not on disk."""
    return _dump(change, values, is_change=True)


def _dump(value: Any, values: Values, *, is_change: bool) -> bytes:
    buffer = io.BytesIO()
    with mapped(), _undisturbed():
        if not is_change:
            # A thread that waits already does so for the shorter interval of before: it has its turn now.
            time.sleep(_SETTLING_SECONDS)
        _Pickler(buffer, values, is_change=is_change).dump(value)
    return buffer.getvalue()


def load(data: bytes, values: Values) -> Any:
    """Return a pickled state or change."""
    token = _values.set(values)
    try:
        return pickle.loads(data)  # noqa: S301 - the files are this user's alone
    finally:
        _values.reset(token)


class _Pickler(pickle.Pickler):
    def __init__(self, buffer: io.BytesIO, values: Values, *, is_change: bool) -> None:
        super().__init__(buffer, _PROTOCOL)
        self.values = values
        self.is_change = is_change

    def reducer_override(self, value: Any) -> Any:
        kind: Any = type(value)
        reduce = _reducer_of(kind)
        return NotImplemented if reduce is None else reduce(value, self)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no other thread run during the block, unless the block waits: objects must not change meanwhile."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(_UNDISTURBED_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


@cache
def _reducer_of(kind: type) -> Reduce | None:
    return next((reduce for base, reduce in _REDUCERS.items() if issubclass(kind, base)), None)


def _reduce_function(function: Any, _pickler: "_Pickler") -> Any:
    """Reduce a lambda or an inner function to its code; others are named."""
    if "<" not in function.__qualname__:
        return NotImplemented
    cells = tuple(cell.cell_contents for cell in function.__closure__ or ())
    code = marshal.dumps(function.__code__)
    return _function, (function.__module__, code, function.__name__, function.__defaults__, cells)


def _function(module: str, code: bytes, name: str, defaults: Any, cells: tuple[Any, ...]) -> Any:
    return types.FunctionType(
        marshal.loads(code),  # noqa: S302 - written by the same version of Python
        vars(import_module(module)),
        name,
        defaults,
        tuple(types.CellType(value) for value in cells),
    )


def _reduce_key(key: Any, pickler: "_Pickler") -> Any:
    state = {name: value for name, value in vars(key).items() if name not in _NOT_KEPT}
    return _bare, (type(key),), (state, _value(key, pickler)), None, None, _set_key


def _value(key: Any, pickler: "_Pickler") -> str | bytes:
    """Return the digest of the value of an S3 object, or the value."""
    if key.disposed:
        return b""
    digest = vars(key).get(_DIGEST)
    if digest is not None and pickler.values.is_written(digest):
        return str(digest)
    if pickler.is_change:
        return bytes(key.value)
    vars(key)[_DIGEST] = digest = pickler.values.put(key.value)
    return digest


def _set_key(key: Any, kept: tuple[dict[str, Any], str | bytes]) -> None:
    state, value = kept
    if isinstance(value, str):
        state, value = {**state, _DIGEST: value}, _values.get().read(value)
    key.__setstate__({**state, "value": value})


def _reduce_execution(execution: Any, _pickler: "_Pickler") -> Any:
    state = {name: value for name, value in vars(execution).items() if name not in _OF_THE_PROCESS}
    # Until its thread has created the environment, there is none.
    env = execution.exec_worker.env if execution.exec_worker else None
    history = env.event_manager if env else EventManager()
    if isinstance(history, EventManager):
        history = list(history._history_event_list)
    return _bare, (type(execution),), (state, history), None, None, _set_execution


def _set_execution(execution: Any, kept: tuple[dict[str, Any], list[Any] | EndedHistory]) -> None:
    state, history = kept
    map_runs: Any = MapRunRecordPoolManager
    vars(execution).update(state)
    execution.exec_worker = ended_worker(
        _event_manager(history) if isinstance(history, list) else history, map_runs()
    )
    execution._cloud_watch_logging_session, execution._activity_store = None, {}


def _event_manager(history: list[Any]) -> Any:
    events = EventManager()
    events._history_event_list.extend(history)
    events._event_id_gen._next_id = len(history) + 1
    return events


def _bare(kind: Any) -> Any:
    return kind.__new__(kind)


def backends_of(kind: type) -> Any:
    """Return moto's dictionary of the backends of a class."""
    module = import_module(kind.__module__)
    found = (each for each in vars(module).values() if isinstance(each, BackendDict))
    return next(each for each in found if each.backend is kind)


def _backends_of_account(kind: type, account: str) -> Any:
    return backends_of(kind)[account]


def backend_of(kind: type, account: str, region: str) -> Any:
    """Return a backend of moto; one that does not exist yet is created."""
    return backends_of(kind)[account][region]


def _set_event(is_set: bool) -> threading.Event:
    event = threading.Event()
    if is_set:
        event.set()
    return event


def _key_store(versions: dict[str, list[Any]]) -> Any:
    store = _VersionedKeyStore()
    for key, each in versions.items():
        store.setlist(key, each)
    return store


def _reduce_defaults(items: Any, _pickler: "_Pickler") -> Any:
    """Reduce a subclass of `defaultdict`, whose own arguments pickle does not know."""
    if type(items) is defaultdict:
        return NotImplemented
    facts = (items.default_factory, vars(items))
    return _bare, (type(items),), facts, None, iter(list(dict.items(items))), _set_defaults


def _set_defaults(items: Any, facts: tuple[Any, dict[str, Any]]) -> None:
    items.default_factory, attributes = facts
    vars(items).update(attributes)


def _private_key(pem: bytes) -> Any:
    return load_pem_private_key(pem, None)


def _pem(key: Any) -> bytes:
    return bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


_REDUCERS: dict[type, Reduce] = {
    FakeKey: _reduce_key,
    Execution: _reduce_execution,
    BaseBackend: lambda backend, _: (
        backend_of,
        (type(backend), backend.account_id, backend.region_name),
    ),
    AccountSpecificBackend: lambda backends, _: (
        _backends_of_account,
        (backends.backend, backends.account_id),
    ),
    BackendDict: lambda backends, _: (backends_of, (backends.backend,)),
    # Its items() yields the newest version of each key alone.
    _VersionedKeyStore: lambda store, _: (_key_store, (dict(store.lists()),)),
    defaultdict: _reduce_defaults,
    types.FunctionType: _reduce_function,
    type(_thread.allocate_lock()): lambda _lock, _: (threading.Lock, ()),
    _thread.RLock: lambda _lock, _: (threading.RLock, ()),
    threading.Condition: lambda _condition, _: (threading.Condition, ()),
    threading.Event: lambda event, _: (_set_event, (event.is_set(),)),
    threading.Thread: lambda _thread, _: (types.NoneType, ()),
    weakref.WeakValueDictionary: lambda items, _: (
        weakref.WeakValueDictionary,
        (),
        None,
        None,
        iter(list(items.items())),
    ),
    RSAPrivateKey: lambda key, _: (_private_key, (_pem(key),)),
    EllipticCurvePrivateKey: lambda key, _: (_private_key, (_pem(key),)),
}
