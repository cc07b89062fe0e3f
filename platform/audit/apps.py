from core.sections import SectionConfig


class AuditConfig(SectionConfig):
    name = "audit"
    verbose_name = "Audit"
    periodic_tasks = {"audit.prune_sign_ins": 86_400.0}
