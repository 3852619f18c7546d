"""The domain ``logo``: programs that draw with a turtle."""
