"""RTCP packets (RFC 3550 section 6 and what came after it), a file for each kind; parse and compound are the way in."""
