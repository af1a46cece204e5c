"""Start the service: on this machine only, unless a token guards it."""

from __future__ import annotations

import os
import socket
import webbrowser
from collections.abc import Callable
from ipaddress import ip_address

import uvicorn

from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.service.app import LOOPBACK, made


def serve(host: str, port: int, *, show: bool, say: Callable[[str], None]) -> None:
    """Answer until ended. Raises InvalidInputError for an address in use, or open to others without SEEDBED_TOKEN."""
    token = os.environ.get("SEEDBED_TOKEN")
    if not _loopback(host) and not token:
        raise InvalidInputError("others can reach this address, and nothing guards it.", where=Parameter("host"),
                                fix="set SEEDBED_TOKEN to a long secret, or leave --host out.")
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except (OSError, OverflowError) as error:
        raise InvalidInputError(f"port {port} of {host} cannot be used ({error}).", where=Parameter("port"),
                                fix="name another one, or 0 for any that is free.") from error
    address = f"http://{host}:{bound.getsockname()[1]}"
    say(address)
    if show:
        webbrowser.open(address)
    app = made(token=token, hosts=LOOPBACK if _loopback(host) else ("*",))
    uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5)).run(sockets=[bound])


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
