"""What an answer of Voiso, or none, means for the batch that was sent."""
