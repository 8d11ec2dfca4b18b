"""Sources of warnings: polled politely, pushed with proof, picked up from folders, and watched for silence."""
