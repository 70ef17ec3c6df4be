"""Who is heard: the latch of one leg. latch has its operations, transition the table of its rules."""
