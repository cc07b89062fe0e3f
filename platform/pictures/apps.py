from core.sections import SectionConfig


class PicturesConfig(SectionConfig):
    name = "pictures"
    verbose_name = "Uploaded pictures"
    urls = "pictures.urls.urlpatterns"
