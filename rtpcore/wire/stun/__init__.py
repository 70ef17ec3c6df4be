"""STUN messages (RFC 8489) and the hashes that authenticate them."""
