"""The local AWS as one WSGI server: moto with its gaps filled, and the endpoints of our own."""

import socket
import warnings

from moto.core.config import default_user_config
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import BaseWSGIServer, make_server

from local.emulator.admin import AdminApplication
from local.emulator.faults import FaultBook
from local.emulator.gaps import fill_all
from local.emulator.injection import inject
from local.emulator.meter.meter import Meter
from local.emulator.meter.taps import attach
from local.emulator.unserved import shielded


class _QuietHandler(MotoRequestHandler):
    """Writes no line for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing."""


def make_local_aws(listener: socket.socket) -> BaseWSGIServer:
    """Return the server, not yet serving, on a socket that already listens."""
    # moto warns of errors that its models do not know, among them those that are injected.
    warnings.filterwarnings("ignore", module="moto")
    fill_all()
    default_user_config["stepfunctions"]["execute_state_machine"] = True
    book = FaultBook()
    inject(book)
    meter = Meter()
    attach(meter)
    application = AdminApplication(DomainDispatcherApplication(shielded(create_backend_app)), book, meter)
    host, port = listener.getsockname()
    return make_server(
        host, port, application, threaded=True, request_handler=_QuietHandler, fd=listener.fileno()
    )
