"""Rewrites an sdist in place so that its octets depend on the files in it and on SOURCE_DATE_EPOCH alone."""

from __future__ import annotations

import gzip
import io
import os
import sys
import tarfile
from pathlib import Path


def repack(path: Path, epoch: int) -> None:
    """Sorts the members of the archive at `path`, sets their time to `epoch` and forgets owner, group and umask."""
    plain = io.BytesIO()
    with tarfile.open(path) as source, tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as target:
        for member in sorted(source.getmembers(), key=lambda member: member.name):
            member.mtime = epoch
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            member.pax_headers = {}
            target.addfile(member, source.extractfile(member) if member.isfile() else None)
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=packed, mtime=epoch) as stream:
        stream.write(plain.getvalue())
    path.write_bytes(packed.getvalue())


def main() -> int:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if len(sys.argv) != 2 or not epoch.isdecimal():
        print("usage: SOURCE_DATE_EPOCH=<seconds> repack_sdist.py rtpcore-<version>.tar.gz", file=sys.stderr)
        return 2
    repack(Path(sys.argv[1]), int(epoch))
    return 0


if __name__ == "__main__":
    sys.exit(main())
