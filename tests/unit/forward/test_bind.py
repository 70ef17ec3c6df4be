"""What the kernel says when a port cannot be bound, as typed errors in one sentence."""

from __future__ import annotations

import errno
import os

import pytest

import rtpcore
from rtpcore.forward.bind import relay_error


@pytest.mark.parametrize(
    ("number", "kind", "sentence"),
    [
        (errno.EADDRINUSE, rtpcore.AddressInUse, "192.0.2.1 port 4000 is in use by another program."),
        (
            errno.EADDRNOTAVAIL,
            rtpcore.AddressNotAvailable,
            "192.0.2.1 port 4000 cannot be bound: the address is not one of this machine's.",
        ),
        (errno.EACCES, rtpcore.PermissionDenied, "192.0.2.1 port 4000 cannot be bound: this user may not use it."),
        (errno.EPERM, rtpcore.PermissionDenied, "192.0.2.1 port 4000 cannot be bound: this user may not use it."),
        (
            errno.EMFILE,
            rtpcore.DescriptorsExhausted,
            (
                "192.0.2.1 port 4000 cannot be opened: the process has no file descriptor left; "
                "raise its limit (ulimit -n)."
            ),
        ),
        (
            errno.ENFILE,
            rtpcore.DescriptorsExhausted,
            "192.0.2.1 port 4000 cannot be opened: the system has no file descriptor left.",
        ),
        (errno.ENOSPC, rtpcore.RelayError, "192.0.2.1 port 4000 cannot be used: No space left on device."),
    ],
)
def test_every_error_of_the_kernel_has_its_sentence(number: int, kind: type[rtpcore.RelayError], sentence: str) -> None:
    made = relay_error(OSError(number, os.strerror(number)), "192.0.2.1 port 4000")
    assert type(made) is kind
    assert str(made) == sentence
    if isinstance(made, OSError):
        assert made.errno == number
