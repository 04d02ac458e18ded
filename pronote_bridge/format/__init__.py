"""The reconciliation file: its two layers, its schemas, and how it is encrypted."""
