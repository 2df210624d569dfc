"""An evaluation workbook: baseline against outcome, region by region."""
