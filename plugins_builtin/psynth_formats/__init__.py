"""The file formats of other systems: DreamCoder, Stitch and LILO."""
