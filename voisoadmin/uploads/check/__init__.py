"""A received file is read and checked, by a job that may die at any moment."""
