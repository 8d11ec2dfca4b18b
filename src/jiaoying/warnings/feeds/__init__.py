"""Sources of warnings: polled politely, pushed with proof, picked up from folders, watched for silence."""
