"""Replay: programs drawn from streams by priority, to learn from again."""
