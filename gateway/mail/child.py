"""The child process in which one raw letter is taken apart: letter on stdin, JSON on stdout, under hard limits."""

from gateway.confined import answer
from gateway.mail.dissecting import TooMuch, dissect

if __name__ == "__main__":
    raise SystemExit(answer(dissect, refusal=TooMuch))
