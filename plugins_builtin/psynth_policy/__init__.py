"""Policies: sequence-to-sequence models of programs given a task, trained on a domain's own words."""
