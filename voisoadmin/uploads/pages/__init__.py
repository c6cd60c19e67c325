"""The pages of uploads and their downloads."""
