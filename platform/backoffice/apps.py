from django.apps import AppConfig
from django.db.models.signals import post_migrate


class BackofficeConfig(AppConfig):
    name = "backoffice"
    verbose_name = "Backoffice"

    def ready(self) -> None:
        from backoffice import documents, roles

        documents.show()
        post_migrate.connect(roles.ensure, dispatch_uid="backoffice.roles")
