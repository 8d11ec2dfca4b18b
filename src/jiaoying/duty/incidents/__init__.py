"""Incident reports (突发事件信息报送): what a desk was told, who must hear of it by when, what was sent."""
