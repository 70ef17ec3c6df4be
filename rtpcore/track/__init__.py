"""Who is talking: state machines that take the time as an argument and never read a clock."""
