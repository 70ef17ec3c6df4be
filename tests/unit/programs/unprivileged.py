"""Becomes nobody and asks for a port that needs privilege. Usage: unprivileged.py HOST"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import rtpcore

NOBODY = 65534


def main(host: str) -> None:
    os.setuid(NOBODY)
    with rtpcore.Relay([rtpcore.Interface(host)], range(40000, 40400)) as relay:
        session = relay.create_session("call")
        before = len(list(Path("/proc/self/fd").iterdir()))
        try:
            session.add_leg("caller", port=4000, rtcp_port=80)
        except rtpcore.PermissionDenied as error:
            print(error)
        print(f"{len(list(Path('/proc/self/fd').iterdir())) - before} descriptors more")
        session.add_leg("caller", port=4000)
        print("the RTP port is free")


if __name__ == "__main__":
    main(sys.argv[1])
