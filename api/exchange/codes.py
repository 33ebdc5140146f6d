"""Codes that others know our schools, municipalities and programmes by.

Municipality codes are Statistics Sweden's (SCB, Regionala indelningar: two digits of the county, two of the
municipality); school unit codes stand in the national school unit register (Skolverket), eight digits, a text;
study route codes have at most nine places, of which the first two or three name the programme (Skolverket).
"""

import polars as pl

import sample_data

COUNTIES = {"01": "Stockholms län", "03": "Uppsala län", "04": "Södermanlands län"}


def municipality_codes() -> pl.DataFrame:
    """Return the municipalities of the region's admission: code, municipality and county.

    Examples
    --------
    >>> municipality_codes().row(0)
    ('0114', 'Upplands Väsby', 'Stockholms län')
    """
    county = pl.col("code").str.slice(0, 2).replace_strict(COUNTIES, return_dtype=pl.String).alias("county")
    return sample_data.municipalities().select("code", "municipality", county)


def with_municipality_code(frame: pl.DataFrame) -> pl.DataFrame:
    """Add ``municipality_code`` to rows with a municipality; missing where it is not one of ours."""
    codes = municipality_codes().select("municipality", pl.col("code").alias("municipality_code"))
    return frame.join(codes, on="municipality", how="left", maintain_order="left")


def programme_codes() -> pl.DataFrame:
    """Return the programmes: code, Swedish and English name, kind."""
    return sample_data.programmes().select(pl.col("programme").alias("code"), "name_sv", "name_en", "kind")
