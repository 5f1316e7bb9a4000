"""The HTTP door as its own tests have it."""

from tests.web.conftest import anna, build_site, site, terminal

__all__ = ["anna", "build_site", "site", "terminal"]
