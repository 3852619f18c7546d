"""The command line: one thin module per subcommand, and their common frame."""
