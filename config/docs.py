"""The reference of the API, drawn from the schema, with files of our own origin only."""

from csp.decorators import csp_update
from drf_spectacular.views import SpectacularSwaggerSplitView

# Swagger draws with inline styles and a data: picture; the looser policy holds for this page alone.
reference = csp_update({"style-src": ["'unsafe-inline'"], "img-src": ["data:"]})(
    SpectacularSwaggerSplitView.as_view(url_name="schema")
)
