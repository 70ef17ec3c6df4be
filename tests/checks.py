"""Connectivity checks as another implementation makes them (aioice), and what it reads in the answers."""

from __future__ import annotations

import itertools
import struct

from aioice import stun

from rtpcore import IceCredentials

__all__ = ["CREDENTIALS", "Answer", "check", "read"]

CREDENTIALS = IceCredentials(("relayfrag", "relaypassword0123456789"), ("phonefrag", "phonepassword0123456789"))

_transactions = itertools.count(1)


def check(
    credentials: IceCredentials = CREDENTIALS,
    *,
    nominates: bool = False,
    priority: int = 0x6E0001FF,
    controlled: bool = False,
    username: str | None = None,
    password: str | None = None,
    transaction: bytes | None = None,
    signed: bool = True,
) -> bytes:
    """A Binding request of the party whose leg has these credentials."""
    remote = credentials.remote[0] if credentials.remote else "anybody"
    attributes = {
        "USERNAME": f"{credentials.local[0]}:{remote}" if username is None else username,
        "PRIORITY": priority,
        "ICE-CONTROLLED" if controlled else "ICE-CONTROLLING": 7,
    }
    if nominates:
        attributes["USE-CANDIDATE"] = None
    transaction = transaction or struct.pack("!IQ", 0xC0DE, next(_transactions))
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, transaction, attributes)
    if signed:
        message.add_message_integrity((credentials.local[1] if password is None else password).encode())
    else:
        message.add_fingerprint()
    return bytes(message)


class Answer:
    """What the relay answered, read by aioice, which checks fingerprint and form."""

    def __init__(self, octets: bytes, credentials: IceCredentials = CREDENTIALS) -> None:
        message = stun.parse_message(octets)
        self.octets = octets
        self.success = message.message_class is stun.Class.RESPONSE
        self.transaction = message.transaction_id
        self.error_code = message.error_code
        self.mapped = message.attributes.get("XOR-MAPPED-ADDRESS")
        self.attributes = set(message.attributes)
        self.authentic = message.check_message_integrity(credentials.local[1].encode())


def read(octets: bytes | None, credentials: IceCredentials = CREDENTIALS) -> Answer:
    assert octets is not None, "there is no answer"
    return Answer(octets, credentials)
