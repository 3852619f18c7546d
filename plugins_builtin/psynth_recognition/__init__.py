"""Recognition networks: from a task to the weights of the productions with which to search for its programs."""
