"""An example of a psynth plugin: the domain of black-and-white tiles, and enumeration by random sampling."""
