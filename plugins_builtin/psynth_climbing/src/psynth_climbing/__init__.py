"""Hill climbing in program space for psynth."""
