"""What keeps the house: set-up, the room table, and the rules that tests hold the source to."""
