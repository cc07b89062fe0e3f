"""The part of admin pages that shows staff actions, panels and live tiles."""

from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.cache import never_cache

from audit.recording import owner_login
from backoffice.actions import registry
from backoffice.actions.action import ActionPreview, ActionResult, AnyAction
from backoffice.actions.execute import (
    AlreadyExecuted,
    UnansweredQuestion,
    execute_action,
    was_executed,
)
from backoffice.actions.forms import AnyActionForm
from backoffice.actions.submission import preview_action, show_result
from backoffice.link_permissions import attach_request
from backoffice.mixin_base import M, MixinBase
from backoffice.widgets import dashboard
from backoffice.widgets.client_header import ClientHeader, load_client_header
from backoffice.widgets.content import Link, Section
from core.errors import BrokerError
from core.users import StaffRequest, signed_in_user


class ActionsMixin(MixinBase[M]):
    """An admin page with the user's actions, and sections, panels and live tiles of the row."""

    change_form_outer_before_template = "backoffice/actions.html"
    change_form_outer_after_template = "backoffice/panels.html"
    list_before_template = "backoffice/actions.html"

    def get_urls(self) -> list[URLPattern]:
        view = never_cache(self.admin_site.admin_view(self.act_view))
        live = self.admin_site.admin_view(self.live_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("do/<slug:action>/", view, name=f"{name}_act"),
            path("<path:object_id>/do/<slug:action>/", view, name=f"{name}_act"),
            path("<path:object_id>/live/", live, name=f"{name}_live"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Return the list, with the actions that create objects."""
        actions = registry.actions_for(signed_in_user(request), self.model)
        more = {"staff_actions": [(action, action.form_url()) for action in actions]}
        return super().changelist_view(request, {**more, **(extra_context or {})})

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, object],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: M | None = None,
    ) -> HttpResponse:
        """Return the object's page, with its actions, panels and live tiles."""
        attach_request(request, context)
        if obj is not None:
            user = signed_in_user(request)
            actions = registry.actions_for(user, self.model, obj)
            context["staff_actions"] = [(action, action.form_url(obj)) for action in actions]
            context["client"] = self.client_header(request, obj)
            context["staff_links"] = self.links(request, obj)
            context["row_sections"] = self.sections(request, obj)
            context["panels"] = [
                (panel, panel.load(request, obj)) for panel in registry.panels_for(user, self.model)
            ]
            context["row_tiles"] = [
                (tile, ()) for tile in registry.live_tiles_for(user, self.model)
            ]
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_live"
            context["live_address"] = reverse(name, args=[obj.pk])
        return super().render_change_form(request, context, add, change, form_url, obj)

    def links(self, request: HttpRequest, obj: M) -> Sequence[Link]:
        """Return further links of the object's page."""
        return ()

    def sections(self, request: HttpRequest, obj: M) -> Sequence[Section]:
        """Return what the object's page shows above its fields.

        What is slow to read belongs here: unfold asks for a field's value five times.
        """
        return ()

    def client_login(self, obj: M) -> int | None:
        """Return the login of the client that the object is about, if it is about one."""
        return owner_login(obj)

    def client_header(self, request: HttpRequest, obj: M) -> ClientHeader | None:
        """Return the header of the object's client, as far as the user may see it."""
        return load_client_header(signed_in_user(request), self.client_login(obj))

    def require_object(self, request: HttpRequest, object_id: str) -> M:
        """Return the object of the URL, for a view of our own.

        Raises:
            Http404: there is none, or it is not in the user's staff scope.
            PermissionDenied: the user may not view such objects.
        """
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        return obj

    def live_view(self, request: StaffRequest, object_id: str) -> HttpResponse:
        """Return the contents of the object's live tiles, which htmx asks for every few seconds."""
        obj = self.require_object(request, object_id)
        tiles = registry.live_tiles_for(request.user, self.model)
        contents = [(tile, tile.content(request, obj)) for tile in tiles]
        return dashboard.tiles_response(contents, request.user, self.client_header(request, obj))

    def act_view(
        self, request: StaffRequest, action: str, object_id: str | None = None
    ) -> HttpResponse:
        """Show the form of an action; preview a valid one if the action says so, or execute."""
        act = registry.all_actions().get((self.opts.label_lower, action))
        if act is None or act.on_list != (object_id is None):
            raise Http404
        row = None if object_id is None else self.require_object(request, object_id)
        form = act.form(request.POST or None, obj=row, actor=request.user)
        if row is None and not self.has_view_permission(request):
            raise PermissionDenied
        if not act.allowed(request.user, row):
            if form.is_valid() and was_executed(str(form.cleaned_data["form"])):
                return self._answer_repeated(request, row)
            raise PermissionDenied
        preview = None
        if request.method == "POST" and form.is_valid():
            try:
                answer = self._submit(request, act, row, form)
            except BrokerError as error:
                form.add_refusal(error)
            else:
                if isinstance(answer, HttpResponse):
                    return answer
                preview = answer
        if preview is None and row is not None:
            preview = act.outlook(row)
        return self._form_page(request, act, row, form, preview)

    def _submit(
        self, request: StaffRequest, action: AnyAction, obj: M | None, form: AnyActionForm
    ) -> HttpResponse | ActionPreview:
        """Execute what was confirmed; else return the preview that is to be confirmed."""
        if action.previews and not form.is_previewed:
            return preview_action(request.user, action, obj, form)
        try:
            return self._execute(request, action, obj, form)
        except UnansweredQuestion:
            return preview_action(request.user, action, obj, form)

    def _execute(
        self, request: StaffRequest, action: AnyAction, obj: M | None, form: AnyActionForm
    ) -> HttpResponse:
        """Execute the action, and show its secret or return to the object's page."""
        try:
            key = str(form.cleaned_data["form"])
            result = execute_action(request, action, obj, form.answers, key, form.confirms)
        except AlreadyExecuted:
            return self._answer_repeated(request, obj)
        if result.secret:
            return self._secret_page(request, result, result.secret.title)
        show_result(request, result)
        return redirect(self._page_after(request, result.obj))

    def _page_after(self, request: HttpRequest, obj: Model) -> str:
        """Return the URL of the list that the action was chosen in, else of the object's page."""
        query = request.GET.get(registry.LIST_QUERY)
        if query is None:
            return change_page_url(obj)
        return (
            f"{reverse(f'admin:{self.opts.app_label}_{self.opts.model_name}_changelist')}?{query}"
        )

    def _answer_repeated(self, request: HttpRequest, obj: M | None) -> HttpResponse:
        """Return to the object's page with a warning that this was done already."""
        messages.warning(request, AlreadyExecuted.default)
        return redirect(change_page_url(obj) if obj is not None else "../../")

    def _secret_page(self, request: StaffRequest, result: ActionResult, title: str) -> HttpResponse:
        """Show the secret in this response alone: in no cookie, session, log or redirect."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "client": load_client_header(request.user, owner_login(result.obj)),
            "done": result,
            "done_address": change_page_url(result.obj),
        }
        return TemplateResponse(request, "backoffice/secret.html", context)

    def _form_page(
        self,
        request: StaffRequest,
        action: AnyAction,
        obj: M | None,
        form: AnyActionForm,
        preview: ActionPreview | None,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": action.title,
            "action": action,
            "original": obj,
            "client": None if obj is None else self.client_header(request, obj),
            "form": form,
            "preview": preview,
        }
        return TemplateResponse(request, "backoffice/action.html", context)


def change_page_url(obj: Model) -> str:
    """Return the URL of the object's page."""
    meta = obj._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[obj.pk])
