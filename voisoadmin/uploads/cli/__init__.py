"""What the commands share that take a spreadsheet."""
