"""The calendar and the season."""
