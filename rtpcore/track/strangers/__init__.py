"""What one relay knows of those who talk to it, whatever the session."""
