"""What each role of the staff may see in client settings."""

ROLE_PERMISSIONS = {"administrator": ("settings_app.view_setting",)}
