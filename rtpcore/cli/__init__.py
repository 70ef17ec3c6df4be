"""The `rtpcore` command: one file a subcommand."""
