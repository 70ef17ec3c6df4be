"""As much of bencode as rtpengine's NG protocol needs: strings, integers, lists and dictionaries."""

from __future__ import annotations

__all__ = ["Value", "decode", "encode"]

Value = int | bytes | str | list["Value"] | dict[str, "Value"]


def encode(value: Value) -> bytes:
    """Encode `value`; text becomes UTF-8, and the keys of a dictionary are sorted."""
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b"%d:%b" % (len(value), value)
    if isinstance(value, list):
        return b"l" + b"".join(map(encode, value)) + b"e"
    return b"d" + b"".join(encode(key) + encode(value[key]) for key in sorted(value)) + b"e"


def decode(octets: bytes) -> Value:
    """Decode one value that fills `octets`; raise ValueError otherwise. Strings stay bytes, keys become text."""
    value, end = _decode_at(octets, 0)
    if end != len(octets):
        raise ValueError(f"{len(octets) - end} octets follow the value.")
    return value


def _decode_at(octets: bytes, at: int) -> tuple[Value, int]:
    kind = octets[at : at + 1]
    if kind == b"i":
        end = octets.index(b"e", at)
        return int(octets[at + 1 : end]), end + 1
    if kind == b"l":
        items: list[Value] = []
        at += 1
        while octets[at : at + 1] != b"e":
            item, at = _decode_at(octets, at)
            items.append(item)
        return items, at + 1
    if kind == b"d":
        fields: dict[str, Value] = {}
        at += 1
        while octets[at : at + 1] != b"e":
            key, at = _decode_at(octets, at)
            if not isinstance(key, bytes):
                raise ValueError(f"{key!r} is no key of a dictionary.")
            fields[key.decode()], at = _decode_at(octets, at)
        return fields, at + 1
    colon = octets.index(b":", at)
    end = colon + 1 + int(octets[at:colon])
    return octets[colon + 1 : end], end
