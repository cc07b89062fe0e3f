"""What each role of the staff may see in scripts."""

ROLE_PERMISSIONS = {"administrator": ("scripts.view_script", "scripts.change_script")}
