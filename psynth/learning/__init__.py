"""The common parts of trained models: folders, checkpoints, devices and logs. PyTorch is imported only on use."""
