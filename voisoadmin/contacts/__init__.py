"""What a contact is: its fields, how a column becomes one, what is wrong with it, how it is stored."""
