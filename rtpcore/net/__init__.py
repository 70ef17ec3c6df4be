"""Sockets, readiness and addresses as the kernel has them: the only place with system calls on the packet path."""
