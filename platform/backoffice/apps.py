from django.db.models.signals import post_migrate

from core.sections import SectionConfig


class BackofficeConfig(SectionConfig):
    name = "backoffice"
    verbose_name = "Backoffice"
    staff_actions = "backoffice.approvals.actions.ACTIONS"
    panels = "backoffice.approvals.panels.PANELS"
    live_tiles = "backoffice.pages.stream_tile.TILES"
    dashboard_tiles = "backoffice.attention.tile.DASHBOARD_TILES"
    attention = "backoffice.attention.platform_matters.MATTERS"
    periodic_tasks = {
        "backoffice.expire_approvals": 3600.0,
        "backoffice.mail_attention": 60.0,
        "backoffice.send_mails": 10.0,
        "backoffice.prune_mails": 86_400.0,
    }

    def ready(self) -> None:
        from backoffice import link_permissions
        from backoffice.roles import roles
        from backoffice.site import json_display

        json_display.use_for_unfold()
        link_permissions.link_read_only_fields()
        post_migrate.connect(roles.update_role_groups, dispatch_uid="backoffice.roles")
