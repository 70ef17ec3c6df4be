"""SRTP as libsrtp makes and checks it (pylibsrtp): what a verify callable of a user looks like."""

from __future__ import annotations

from collections.abc import Callable

import pylibsrtp

import rtpcore

__all__ = ["KEY", "protector", "verifier"]

KEY = bytes(range(30))
"""Master key and salt of AES-128 in counter mode (RFC 3711)."""


def session(kind: int, key: bytes) -> pylibsrtp.Session:
    return pylibsrtp.Session(policy=pylibsrtp.Policy(key=key, ssrc_type=kind))


def protector(key: bytes = KEY) -> Callable[[bytes], bytes]:
    """Makes SRTP and SRTCP of RTP and RTCP."""
    outbound = session(pylibsrtp.Policy.SSRC_ANY_OUTBOUND, key)

    def protect(packet: bytes) -> bytes:
        if rtpcore.classify(packet) is rtpcore.PacketKind.RTCP:
            return outbound.protect_rtcp(packet)
        return outbound.protect(packet)

    return protect


def verifier(key: bytes = KEY) -> Callable[[bytes], bool]:
    """True for a packet that has the right tag and is no replay."""
    inbound = session(pylibsrtp.Policy.SSRC_ANY_INBOUND, key)

    def verify(packet: bytes) -> bool:
        try:
            if rtpcore.classify(packet) is rtpcore.PacketKind.RTCP:
                inbound.unprotect_rtcp(packet)
            else:
                inbound.unprotect(packet)
        except pylibsrtp.Error:
            return False
        return True

    return verify
