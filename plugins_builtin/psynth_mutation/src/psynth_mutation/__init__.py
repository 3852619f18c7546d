"""Typed mutation and crossover of λ-terms for psynth."""
