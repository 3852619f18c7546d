"""Files of other systems that psynth reads and writes: DreamCoder's, Stitch's and LILO's."""
