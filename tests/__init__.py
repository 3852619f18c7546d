"""The tests of psynth; they mirror the source."""
