"""Searches that need no model: enumeration, sampling, mutation and hill climbing."""
