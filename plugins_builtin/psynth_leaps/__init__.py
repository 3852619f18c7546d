"""LEAPS: a latent space of programs, and searches in it."""
