"""Exchange with others: public codes, persons and enrolments in the shape of SS 12000, statistics as a data package."""
