"""What trained models share: folders, checkpoints, devices and logs. PyTorch is imported on use only."""
