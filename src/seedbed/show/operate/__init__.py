"""What operate makes, shown: assessments, schemes, tenders and the record."""
