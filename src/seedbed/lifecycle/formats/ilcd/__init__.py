"""ILCD: packages of XML data sets, read and written."""
