"""What is on the wire: pure functions, no state, no system calls."""
