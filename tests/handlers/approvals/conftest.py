"""The features of a case, for whoever tests what approvers do beside deciding."""

from tests.handlers.conftest import each_rig, rig

__all__ = ["each_rig", "rig"]
