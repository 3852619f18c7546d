"""Clients of the native engines, each entered through one module."""
