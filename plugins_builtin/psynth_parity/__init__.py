"""The domain ``parity``: programs for the parity of four bits, to be repaired."""
