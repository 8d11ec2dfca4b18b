"""The roster on its way out: records, workbooks, empty templates."""
