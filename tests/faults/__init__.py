"""What a house must survive: each test harms one part of it and compares the archive with that of a quiet run."""
