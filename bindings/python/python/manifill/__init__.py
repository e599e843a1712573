"""Fills secret placeholders in Kubernetes manifests with values from a vault.

>>> import manifill
>>> vault = manifill.vault.Memory({"vaults/Home/items/db": {"password": "it's: #1"}})
>>> renderer = manifill.Renderer(vault)
>>> source = '''kind: Secret
... stringData:
...   # the database
...   password: <path:vaults/Home/items/db#password>
... '''
>>> print(renderer.render(source), end="")
kind: Secret
stringData:
  # the database
  password: "it's: #1"

What is not a filled value stays as it was, byte for byte. Everything is reported at once, nothing
is returned unless everything succeeded, and no message holds a value.

`placeholder`, `manifest`, `transform` and `vault` are the parts that the renderer is made of, for
programs that need one of them alone. Remarks go to the logger `manifill`.
"""

from manifill import errors, manifest, placeholder, transform, vault
from manifill._guard import guard
from manifill._native import VERSION as __version__
from manifill._once import check, fill, mock, plan
from manifill.errors import (
    AmbiguousError,
    AuthenticationError,
    BackendUnavailableError,
    ConfigurationError,
    ManifestError,
    ManifillError,
    NotFoundError,
    PathError,
    PathRuleError,
    PermissionDeniedError,
    PlaceholderError,
    RenderError,
    TransformError,
    VaultError,
)
from manifill.placeholder import scan
from manifill.renderer import Renderer
from manifill.report import Checked, Diagnostic, FieldReport, KeyReport, Place, Plan, ReadReport
from manifill.vault import Secret, SecretRequest, SecretValue, VaultBackend, backends

__all__ = [
    "AmbiguousError",
    "AuthenticationError",
    "BackendUnavailableError",
    "Checked",
    "ConfigurationError",
    "Diagnostic",
    "KeyReport",
    "ManifestError",
    "ManifillError",
    "NotFoundError",
    "PathError",
    "PathRuleError",
    "PermissionDeniedError",
    "Place",
    "PlaceholderError",
    "Plan",
    "ReadReport",
    "RenderError",
    "Renderer",
    "Secret",
    "SecretRequest",
    "SecretValue",
    "FieldReport",
    "TransformError",
    "VaultBackend",
    "VaultError",
    "__version__",
    "backends",
    "check",
    "errors",
    "fill",
    "guard",
    "manifest",
    "mock",
    "placeholder",
    "plan",
    "scan",
    "transform",
    "vault",
]
