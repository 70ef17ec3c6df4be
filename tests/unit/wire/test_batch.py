"""parse_batch: every row is what rtp_parse says of the packet, from one buffer and from many."""

from __future__ import annotations

import array
import mmap
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rtpcore.errors import ConfigurationError
from rtpcore.wire.batch import parse_batch
from rtpcore.wire.header_array import HEADER_DTYPE
from rtpcore.wire.rtp import RtpPacket
from rtpcore.wire.validity import ParseReason

PLAIN = RtpPacket(payload_type=0, sequence_number=7, timestamp=1120, ssrc=0xDEADBEEF, payload=b"\xff" * 160).serialize()
RICH = RtpPacket(
    payload_type=96, sequence_number=65535, timestamp=2**32 - 1, ssrc=0, marker=True, csrcs=(1, 2),
    extension_elements=[(1, b"\x85"), (3, b"mid")], payload=b"hello", padding_size=3,
).serialize()  # fmt: skip
REFUSED = {
    ParseReason.RTP_TOO_SHORT: (b"\x80" * 11, 11),
    ParseReason.RTP_BAD_VERSION: (b"\x40" + PLAIN[1:], 0),
    ParseReason.RTP_CSRC_OVERRUN: (b"\x8f" + bytes(70), 0),
    ParseReason.RTP_EXTENSION_OVERRUN: (b"\x90" + bytes(11) + b"\xbe\xde\xff\xff", 14),
    ParseReason.RTP_BAD_PADDING: (b"\xa0" + bytes(20), 20),
}
MIXED = [PLAIN, RICH, *(packet for packet, _ in REFUSED.values()), b"", PLAIN[:12], RICH[:-1]]


def joined(packets: list[bytes]) -> tuple[bytes, list[int], list[int]]:
    sizes = [len(packet) for packet in packets]
    return b"".join(packets), [end - size for end, size in zip(accumulate(sizes), sizes, strict=True)], sizes


def mutants(count: int) -> list[bytes]:
    chance = random.Random(8285)
    found = []
    for _ in range(count):
        packet = bytearray(chance.choice(MIXED))
        for _ in range(chance.randrange(3) if packet else 0):
            packet[chance.randrange(min(len(packet), 32))] = chance.randrange(256)
        found.append(bytes(packet[: chance.randint(0, len(packet))]) if chance.random() < 0.2 else bytes(packet))
    return found


def test_the_dtype_mirrors_the_struct(consumer: Any) -> None:
    _, header = consumer.parse(RICH, False)
    assert HEADER_DTYPE.names == tuple(header)
    assert HEADER_DTYPE.itemsize == 32
    assert not HEADER_DTYPE.hasobject
    assert parse_batch([RICH]).dtype == HEADER_DTYPE


@pytest.mark.parametrize("packets", [MIXED, mutants(5000)], ids=["mixed", "mutants"])
def test_every_row_is_what_rtp_parse_says(consumer: Any, packets: list[bytes]) -> None:
    wanted = [tuple(consumer.parse(packet, False)[1].values()) for packet in packets]
    statuses = {row[HEADER_DTYPE.names.index("status")] for row in wanted}  # type: ignore[union-attr]
    assert statuses == {ParseReason.OK, *REFUSED}
    assert parse_batch(*joined(packets)).tolist() == wanted
    assert parse_batch(packets).tolist() == wanted


def test_a_packet_that_ends_at_any_octet(consumer: Any) -> None:
    ends = list(range(len(RICH) + 1))
    wanted = [tuple(consumer.parse(RICH[:end], False)[1].values()) for end in ends]
    assert parse_batch(RICH, [0] * len(ends), ends).tolist() == wanted
    assert parse_batch([RICH[:end] for end in ends]).tolist() == wanted


def test_columns_agree_with_the_packet() -> None:
    packet = RtpPacket.parse(RICH)
    (row,) = parse_batch([RICH])
    for name in ("ssrc", "timestamp", "sequence_number", "payload_type", "marker", "extension", "extension_profile",
                 "padding_size"):  # fmt: skip
        assert row[name] == getattr(packet, name)
    assert row["csrc_count"] == len(packet.csrcs)
    assert RICH[row["payload_offset"] :][: row["payload_size"]] == packet.payload
    assert RICH[row["extension_offset"] :][: row["extension_size"]] == packet.extension_data


@pytest.mark.parametrize("reason", REFUSED)
def test_a_refused_packet_leaves_status_and_offset_alone(reason: ParseReason) -> None:
    packet, offset = REFUSED[reason]
    row = parse_batch([PLAIN, packet])[1]
    assert (row["status"], row["payload_offset"]) == (reason, offset)
    assert not any(row[name] for name in HEADER_DTYPE.names or () if name not in ("status", "payload_offset"))


def test_flags_select_rows() -> None:
    rows = parse_batch([PLAIN, RICH, PLAIN])
    assert rows[rows["marker"]]["sequence_number"].tolist() == [65535]
    assert rows[~rows["extension"]]["ssrc"].tolist() == [0xDEADBEEF] * 2


BUFFERS: dict[str, Callable[[bytes], Any]] = {
    "bytearray": bytearray,
    "memoryview": lambda data: memoryview(b"\0" + data)[1:],
    "array": lambda data: array.array("b", data),
    "numpy": lambda data: np.frombuffer(data, np.uint8).copy(),
}


@pytest.mark.parametrize("kind", BUFFERS)
def test_any_contiguous_buffer_is_read(kind: str) -> None:
    data, offsets, sizes = joined(MIXED)
    wanted = parse_batch(data, offsets, sizes).tolist()
    assert parse_batch(BUFFERS[kind](data), offsets, sizes).tolist() == wanted
    assert parse_batch([BUFFERS[kind](packet) for packet in MIXED]).tolist() == wanted


def test_a_mapped_file_is_read(tmp_path: Path) -> None:
    data, offsets, sizes = joined(MIXED)
    path = tmp_path / "packets"
    path.write_bytes(data)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        rows = parse_batch(mapped, offsets, sizes)
    assert rows.tolist() == parse_batch(MIXED).tolist(), "rows outlive the buffer"


INTEGERS: dict[str, Callable[[list[int]], Any]] = {
    "list": list,
    "tuple": tuple,
    "range": lambda values: range(values[0], 2 * values[-1] - values[-2], values[1] - values[0]),
    "array": lambda values: array.array("I", values),
    "memoryview": lambda values: memoryview(array.array("q", values)),
    "int64": np.array,
    "uint64": lambda values: np.array(values, np.uint64),
    "uint16": lambda values: np.array(values, np.uint16),
    "int16, big-endian": lambda values: np.array(values, ">i2"),
    "strided": lambda values: np.repeat(values, 3)[::3],
    "reversed": lambda values: np.array(values[::-1])[::-1],
}


@pytest.mark.parametrize("kind", INTEGERS)
def test_any_array_of_integers_is_read(kind: str) -> None:
    packets = [PLAIN, PLAIN[:170], PLAIN[:168]]
    sizes = [172, 170, 168]
    data = b"".join(packet.ljust(180) for packet in packets)
    rows = parse_batch(data, INTEGERS[kind]([0, 180, 360]), INTEGERS[kind](sizes))
    assert rows.tolist() == parse_batch(packets).tolist()


def test_packets_may_overlap_and_stand_in_any_order() -> None:
    rows = parse_batch(RICH + PLAIN, [len(RICH), 0, 0, len(RICH + PLAIN)], [len(PLAIN), len(RICH), 12, 0])
    assert rows["status"].tolist() == [0, 0, ParseReason.RTP_CSRC_OVERRUN, ParseReason.RTP_TOO_SHORT]
    assert rows["sequence_number"].tolist() == [7, 65535, 0, 0]


def test_no_packets_make_no_rows() -> None:
    for rows in (parse_batch([]), parse_batch(b"", [], []), parse_batch(PLAIN, np.array([], np.int64), ())):
        assert rows.shape == (0,)
        assert rows.dtype == HEADER_DTYPE


def test_any_iterable_of_buffers_is_read() -> None:
    assert parse_batch(packet for packet in MIXED).tolist() == parse_batch(tuple(MIXED)).tolist()


@pytest.mark.parametrize(
    ("offsets", "sizes", "message"),
    [
        ([0, -1], [12, 12], r"offsets\[1\] is -1 and sizes\[1\] is 12, .* within the 172 octets"),
        ([0, 0, 0], [12, 12, -5], r"offsets\[2\] is 0 and sizes\[2\] is -5"),
        ([161], [12], r"offsets\[0\] is 161 and sizes\[0\] is 12"),
        ([173], [0], r"offsets\[0\] is 173 and sizes\[0\] is 0"),
        ([0], [173], r"offsets\[0\] is 0 and sizes\[0\] is 173"),
        ([2**63 - 1], [2**63 - 1], r"sizes\[0\] is 9223372036854775807, and a packet has at most 4294967295"),
        ([2**63 - 1], [12], r"offsets\[0\] is 9223372036854775807"),
        ([2**64 - 1], [12], r"offsets\[0\] is 18446744073709551615"),
        ([1], [2**64 - 1], r"sizes\[0\] is 18446744073709551615"),
        ([0, 1], [12], "offsets has 2 members and sizes has 1"),
        ([[0]], [[12]], "offsets has 2 dimensions, and 1 is needed"),
        (0, [12], "offsets has 0 dimensions"),
        ([0], np.array(12), "sizes has 0 dimensions"),
    ],
)
def test_a_bad_number_is_named(offsets: Any, sizes: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        parse_batch(PLAIN, offsets, sizes)


@pytest.mark.parametrize(
    ("offsets", "sizes", "message"),
    [
        ([0.0], [12], "offsets is an array of integers, not of float64"),
        ([0], [True], "sizes is an array of integers, not of bool"),
        ([0], ["12"], "sizes is an array of integers, not of <U2"),
        ([2**70], [12], "offsets is an array of integers, not of object"),
        ([[0], [0, 1]], [12], "offsets is an array of integers, not rows of unequal length"),
        (None, [12], "offsets is missing"),
        ([0], None, "sizes is missing"),
    ],
)
def test_what_is_no_array_of_integers_is_named(offsets: Any, sizes: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        parse_batch(PLAIN, offsets, sizes)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((PLAIN,), "A single bytes needs offsets and sizes"),
        ((np.zeros((4, 12), np.uint8),), "A single ndarray needs offsets and sizes"),
        ((7,), "buffer is an iterable, not 7"),
        (([PLAIN, "text"],), "Member 1 of the list is bytes or another buffer, not str"),
        (([PLAIN, memoryview(RICH)[::2]],), "Member 1 of the list is a memoryview that is not contiguous"),
        (("text", [0], [4]), "buffer is bytes or another buffer, not str"),
        ((memoryview(RICH)[::2], [0], [4]), "buffer is a memoryview that is not contiguous"),
    ],
)
def test_what_is_no_buffer_is_named(arguments: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        parse_batch(*arguments)


def test_a_packet_beyond_32_bits_is_refused(tmp_path: Path) -> None:
    size = 2**32 + 12
    with (tmp_path / "sparse").open("w+b") as file:
        file.truncate(size)
        with mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) as mapped:
            assert parse_batch(mapped, [2**32], [12])["status"] == ParseReason.RTP_BAD_VERSION
            assert parse_batch(mapped, [0], [2**32 - 1])["status"] == ParseReason.RTP_BAD_VERSION
            with pytest.raises(ConfigurationError, match=r"sizes\[0\] is 4294967296, and a packet has at most"):
                parse_batch(mapped, [0], [2**32])
            with pytest.raises(ConfigurationError, match="Member 0 of the list has 4294967308 octets"):
                parse_batch([mapped])


def test_a_refused_call_lets_go_of_the_buffer() -> None:
    data = bytearray(PLAIN)
    members: Any = [data, None]
    with pytest.raises(ConfigurationError):
        parse_batch(data, [0], [1000])
    with pytest.raises(TypeError):
        parse_batch(members)
    data.append(0)


def test_memory_is_that_of_the_rows() -> None:
    packets = [PLAIN] * 20_000
    data, offsets, sizes = joined(packets)
    starts, lengths = np.array(offsets), np.array(sizes)
    parse_batch([PLAIN])
    tracemalloc.start()
    try:
        rows = parse_batch(data, starts, lengths)
        assert tracemalloc.get_traced_memory()[1] < rows.nbytes + starts.nbytes + lengths.nbytes + 10_000
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        rows = parse_batch(packets)
        assert tracemalloc.get_traced_memory()[1] - before < rows.nbytes + 8 * len(packets) + 10_000
    finally:
        tracemalloc.stop()


def test_threads_parse_one_buffer_at_once() -> None:
    data, offsets, sizes = joined(mutants(2000))
    wanted = parse_batch(data, offsets, sizes)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: parse_batch(data, offsets, sizes), range(64)))
    assert all((rows == wanted).all() for rows in results)


def test_numpy_is_imported_when_an_array_is_asked_for() -> None:
    code = (
        "import sys; from rtpcore.wire.batch import parse_batch; assert 'numpy' not in sys.modules;"
        "parse_batch([]); assert 'numpy' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
