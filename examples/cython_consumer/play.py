"""A phone behind a NAT and a stranger talk to a gate, in virtual time: what it lets through and what it refuses."""

from gate import Gate  # type: ignore[import-not-found]  # what setup.py compiles

import rtpcore

PORT = ("203.0.113.7", 30000)
PHONE = ("198.51.100.9", 40512)  # where the NAT sends from; SDP says 192.168.1.10
STRANGER = ("203.0.113.66", 30000)
PTIME_MS = 20


def packet(ssrc: int, number: int) -> bytes:
    """20 ms of PCMU."""
    media = rtpcore.RtpPacket(
        payload_type=0, sequence_number=number, timestamp=160 * number, ssrc=ssrc, payload=bytes([number]) * 160
    )
    return media.serialize()


def main() -> None:
    """Runs one second of a call, in which the network loses two packets and doubles one."""
    gate = Gate(rtpcore.LatchPolicy("guarded"), PORT)
    gate.open(0, ("192.168.1.10", 5004), ["198.51.100.9"], {0: 8000})
    played: list[int] = []
    for number in range(50):
        now_ns = number * PTIME_MS * 1_000_000
        gate.receive(now_ns, STRANGER, packet(0xBADBADBA, number))
        copies = {20: 0, 21: 0, 30: 2}.get(number, 1)
        for _copy in range(copies):
            played += [payload[0] for payload in gate.receive(now_ns, PHONE, packet(0x5EED5EED, number))]

    print(f"accepted: {gate.accepted_source()}")
    print(f"played: {len(played)} packets, the first is number {played[0]}")
    for source in gate.sources():
        print(f"SSRC {source.ssrc:#x}: {source.state.name}, lost {source.cumulative_lost}, doubled {source.duplicates}")
    for reason, count in gate.drops().items():
        print(f"refused: {count} x {reason.name}")


if __name__ == "__main__":
    main()
