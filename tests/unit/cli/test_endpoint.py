from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from rtpcore.cli.endpoint import Endpoint, rtp
from tests.process import free_ports

SPEAKER, LISTENER, STRANGER = 0x1111, 0x2222, 0x3333


@pytest.fixture
def pair() -> Iterator[tuple[Endpoint, Endpoint]]:
    first, second = free_ports(2)
    with ExitStack() as stack:
        endpoints = Endpoint("127.0.0.1", first, SPEAKER), Endpoint("127.0.0.1", second, LISTENER)
        for endpoint in endpoints:
            stack.callback(endpoint.close)
        yield endpoints


def receive(endpoint: Endpoint, count: int) -> None:
    while count > 0:
        ready, _, _ = select.select([endpoint.media, endpoint.control], [], [], 5.0)
        assert ready, f"{count} datagrams did not arrive"
        count -= endpoint.receive()


def test_packets_and_reports_are_counted_by_their_sender(pair: tuple[Endpoint, Endpoint]) -> None:
    speaker, listener = pair
    for _ in range(200):
        speaker.send_media(listener.address)
    speaker.send_report((listener.address[0], listener.address[1] + 1))
    receive(listener, 201)
    heard = listener.heard_of(SPEAKER)
    assert heard.intact == set(range(200)), "sequence numbers wrap around in between"
    assert (heard.media, heard.reports) == (200, 1)
    assert (speaker.sent, speaker.reports_sent) == (200, 1)
    assert listener.heard_of(STRANGER).media == 0


def test_an_altered_packet_is_heard_but_not_intact(pair: tuple[Endpoint, Endpoint]) -> None:
    speaker, listener = pair
    speaker.media.sendto(rtp(SPEAKER, 3)[:-1] + b"\0", listener.address)
    receive(listener, 1)
    assert listener.heard_of(SPEAKER).media == 1
    assert listener.heard_of(SPEAKER).intact == set()


def test_another_pair_is_taken_where_the_ports_are_in_use() -> None:
    (port,) = free_ports(1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", port + 1))
        endpoint = Endpoint("127.0.0.1", port, SPEAKER)
        media, control = endpoint.media.getsockname(), endpoint.control.getsockname()
        endpoint.close()
    assert media[1] != port
    assert media[1] % 2 == 0
    assert control[1] == media[1] + 1
    assert endpoint.address == media


def test_an_address_of_another_machine_is_an_error() -> None:
    with pytest.raises(OSError, match="assign requested address"):
        Endpoint("192.0.2.1", 6000, SPEAKER)
