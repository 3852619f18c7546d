"""The domain of text transformations, and the problems of the SyGuS competition."""
