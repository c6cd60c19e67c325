"""The board and the pages of campaigns."""
