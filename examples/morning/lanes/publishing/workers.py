"""The code of the publishing lane's steps."""

import json

from chargehand import Desk, Deterministic, Proposal, worker

from .models import Post, Publish, Published


@worker
def read(request: Publish, desk: Desk) -> Post:
    """Read the post and keep what was read."""
    post = desk.blog.post(number=request.post)
    if post is None:
        raise Deterministic(f"Post {request.post} does not exist.")
    desk.keep("post.json", json.dumps(post, indent=2), media_type="application/json")
    return Post(**{name: post[name] for name in Post.model_fields})


@worker
def publish(request: Publish, post: Post, desk: Desk) -> Proposal[Published]:
    """Ask for the post to be shown to everybody."""
    return desk.blog.publish(post=post.id, slug=request.slug, because=f"“{post.title}” is ready.")
