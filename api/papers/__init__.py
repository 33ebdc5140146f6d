"""Papers to carry to a decision: text and tables as PDF and as a workbook, stamped as what they are."""

from api.papers.paper import Paper, PaperTable, paper_pdf, paper_xlsx

__all__ = ["Paper", "PaperTable", "paper_pdf", "paper_xlsx"]
