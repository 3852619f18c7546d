"""Campaigns of damaged input against every subcommand and domain that the registry knows."""
