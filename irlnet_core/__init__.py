"""IRL-Net: find the inpainted regions of a photograph, pixel by pixel."""

__version__ = "0.1.0"
