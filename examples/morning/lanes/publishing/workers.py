"""The code of the publishing lane's steps."""

import json

from chargehand import Desk, Deterministic, Proposal, worker

from .models import Address, Post, Publish, Published


@worker
def read(request: Publish, desk: Desk) -> Post:
    """Read the post and keep what was read."""
    post = desk.blog.post(number=request.post)
    if post is None:
        raise Deterministic(f"Post {request.post} does not exist.")
    desk.keep("post.json", json.dumps(post, indent=2), media_type="application/json")
    return Post(**{name: post[name] for name in Post.model_fields})


@worker
def name(request: Publish, desk: Desk) -> Address:
    """Take the slug that was asked for; the next free one after it when that did not do."""
    slug = request.slug if desk.objection is None else desk.blog.free_slug(wish=request.slug)
    desk.keep("slug.txt", slug)
    if slug != request.slug:
        desk.note(f"The next free slug is {slug}.")
    return Address(slug=slug)


@worker
def publish(post: Post, address: Address, desk: Desk) -> Proposal[Published]:
    """Ask for the post to be shown to everybody."""
    return desk.blog.publish(post=post.id, slug=address.slug, because=f"“{post.title}” is ready.")
