"""The format and the domain ``openevolve``: task folders of OpenEvolve, evaluated unchanged in the sandbox."""
