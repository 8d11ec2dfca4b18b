"""Monitored thresholds (监测站): gauges and sensors whose readings raise a warning of their own."""
