"""Puts the page's parts together over one deployment."""

from fastapi import APIRouter

from engine.deployment import Deployment
from gateway.pages.console import Console
from gateway.pages.entrance import Entrance
from gateway.pages.sessions import Cookies
from gateway.pages.visitors import Visitors
from notifications.page_address import PageAddress


def page_routes(deployment: Deployment, address: PageAddress) -> tuple[APIRouter, ...]:
    """The way in and out, and the pages of who is signed in."""
    cookies = Cookies(address.secret, secure=address.url.startswith("https:"))
    visitors = Visitors(deployment, cookies)
    return Entrance(deployment, address, visitors).routes(), Console(deployment, address, visitors).routes()
