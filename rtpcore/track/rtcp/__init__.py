"""RTCP of a leg: whose counts, where it goes, what its reports say and prove."""
