"""The clients and the regions."""

from polargrid._async.client import PolarGrid
from polargrid._sync.client import PolarGridSync
from polargrid.regions import POLARGRID_REGIONS, REGION_ALIASES

__all__ = ["POLARGRID_REGIONS", "REGION_ALIASES", "PolarGrid", "PolarGridSync"]
