"""Every domain with every subcommand."""
