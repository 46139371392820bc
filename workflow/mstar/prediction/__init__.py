"""What counts alone foretell, and how trained runs agree."""
