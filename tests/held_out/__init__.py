"""What a task holds out reaches no search."""
