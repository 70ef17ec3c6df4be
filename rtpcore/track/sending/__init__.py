"""Where media of a leg goes, and what stands between a packet and it."""
