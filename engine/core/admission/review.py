"""AdmissionReview of admission.k8s.io/v1, as the API server sends it and as it is answered.

The client library has no model of it. What the API server may add in later versions is ignored; what this gate relies
on has to be there and of its type, or the question can't be read and is refused.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from engine.core.errors import BadInput
from engine.core.untrusted import one_line

API_VERSION = "admission.k8s.io/v1"
KIND = "AdmissionReview"
MESSAGE = 2000

Operation = Literal["CREATE", "UPDATE", "DELETE", "CONNECT"]
Text = Annotated[str, StringConstraints(max_length=1024)]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, defer_build=True)


class GroupKind(_Sent):
    """A group, version and kind; the core group is empty."""

    group: Text = ""
    version: Text
    kind: Text


class GroupResource(_Sent):
    """A group, version and resource (``deployments``)."""

    group: Text = ""
    version: Text
    resource: Text


class UserInfo(_Sent):
    """Who writes, as the API server authenticated them; after impersonation, whom they act as."""

    username: Text = ""
    groups: Annotated[list[Text], Field(max_length=1000)] = []


class AdmissionRequest(_Sent):
    """One write. ``name`` is empty where the API server makes one up, or where all of a collection goes."""

    uid: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    kind: GroupKind
    resource: GroupResource
    subResource: Text = ""
    name: Text = ""
    namespace: Text = ""
    operation: Operation
    userInfo: UserInfo
    object: dict[str, Any] | None = None
    oldObject: dict[str, Any] | None = None
    dryRun: bool | None = None

    @property
    def place(self) -> str:
        """The resource and the object, in the words of kubectl."""
        resource = f"{self.resource.resource}.{self.resource.group}" if self.resource.group else self.resource.resource
        resource += f"/{self.subResource}" if self.subResource else ""
        parts = [resource, "/".join(part for part in (self.namespace, self.name) if part)]
        return one_line(" ".join(part for part in parts if part), limit=300)


class AdmissionReview(_Sent):
    """The question's envelope."""

    apiVersion: Literal["admission.k8s.io/v1"]
    kind: Literal["AdmissionReview"]
    request: AdmissionRequest


def read_review(document: object) -> AdmissionRequest:
    """The request of a parsed AdmissionReview. Raises :class:`BadInput` naming the first field that doesn't fit."""
    try:
        return AdmissionReview.model_validate(document).request
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise BadInput(first["msg"], where=where, remedy="Send an AdmissionReview of admission.k8s.io/v1") from None


class Admitted(BaseModel):
    """The answer to one request; ``notes`` go into the API server's audit log under short names."""

    model_config = ConfigDict(frozen=True)

    allowed: bool
    message: str = ""
    code: int = 403
    warnings: tuple[str, ...] = ()
    notes: dict[str, str] = {}

    def answers(self, uid: str) -> dict[str, Any]:
        """The AdmissionReview to send back for the request ``uid``."""
        response: dict[str, Any] = {"uid": uid, "allowed": self.allowed}
        if not self.allowed:
            reason = "Forbidden" if self.code == 403 else "InternalError" if self.code >= 500 else "BadRequest"
            said = {"status": "Failure", "code": self.code, "reason": reason}
            response["status"] = {**said, "message": one_line(self.message, limit=MESSAGE)}
        if self.warnings:
            response["warnings"] = [one_line(text, limit=250) for text in self.warnings]
        if self.notes:
            response["auditAnnotations"] = {name: one_line(text, limit=250) for name, text in self.notes.items()}
        return {"apiVersion": API_VERSION, "kind": KIND, "response": response}
