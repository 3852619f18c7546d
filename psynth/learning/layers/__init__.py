"""Layers of networks that several methods train; each module imports PyTorch."""
