"""The command line: one thin module a subcommand, and the frame they share."""
