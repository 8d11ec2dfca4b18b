"""Incident reports (突发事件信息报送): what a desk was told, who must be told of it by when, and what was sent."""
