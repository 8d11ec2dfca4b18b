"""Areas, contacts (责任人) and posts (责任岗位), and the sheets they come in."""
