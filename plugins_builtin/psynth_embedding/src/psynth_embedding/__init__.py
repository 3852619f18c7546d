"""A latent space of programs for psynth, as LEAPS has it: training and search."""
