"""The real catalogue of study routes, and what generates an intake on it."""

from sample_data.catalogue import YEARS, catalogue, figures, municipalities, programmes, published

__all__ = ["YEARS", "catalogue", "figures", "municipalities", "programmes", "published"]
