from core.sections import SectionConfig


class ApiConfig(SectionConfig):
    name = "api"
    verbose_name = "REST API"
    periodic_tasks = {"api.prune_keys": 3600.0}
