"""The socket that visitors connect to: opened before anybody serves, closed without losing a request."""

import ctypes
import socket
import struct
import time
from contextlib import suppress

BACKLOG = 2048
SO_ATTACH_FILTER = 26
DRAIN_SECONDS = 1.0


def listening(host: str, port: int) -> socket.socket:
    """A socket that takes connections from now on; they wait in it until a process is ready."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


def turn_away(listener: socket.socket) -> None:
    """Let no new connection in, while those already made are taken and ask what they came for.

    A listening socket that is simply closed resets the connections that wait in it. Linux can be told to drop what newly arrives instead
    (a filter of one instruction, socket(7)): who comes now tries again in a second and then finds the door closed.
    """
    instruction = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))  # BPF_RET | BPF_K, 0 bytes: nothing passes
    with suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", 1, ctypes.addressof(instruction)))
        time.sleep(DRAIN_SECONDS)
