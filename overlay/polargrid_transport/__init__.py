"""Sends encoded requests by httpx, httpx2 or polargrid_fast, within a deadline. It knows no regions and no retries."""
