"""Under which user PostgreSQL runs, because it refuses to run as root and containers often know nobody else."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chargehand.embedded.tether import DidNotStart

NOBODY = "nobody"
NO_WAY = (
    "PostgreSQL refuses to run as root, and no other way is open here: user namespaces are off and user 'nobody' "
    "can't reach {place}. Start as an ordinary user, or put the checkout and CHARGEHAND_HOME on a path that others "
    "may enter, or set DATABASE_URL to a PostgreSQL of your own."
)


class CannotRunPostgres(DidNotStart):
    """No user of this machine can run the embedded PostgreSQL; the message says what would change that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """How to run a program as a user that is not root: words put in front, or the user's numbers."""

    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None

    def give(self, path: Path) -> None:
        """Let this identity own the path, if it is a real other user."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group)

    def run(self, command: Sequence[str]) -> None:
        """Run a command to its end under this identity.

        Raises:
            subprocess.CalledProcessError: it failed; carries what it said.
        """
        subprocess.run(
            [*self.prefix, *command],
            capture_output=True,
            check=True,
            user=self.user,
            group=self.group,
            extra_groups=None if self.group is None else [],
        )


def find_identity(program: Path, place: Path) -> Identity:
    """The first way in which `program` starts without being root and can reach the folder `place`.

    Raises:
        CannotRunPostgres: there is none.
    """
    if os.geteuid() != 0:
        return Identity()
    for identity in (*_mapped(), *_nobody()):
        if _works(identity, [str(program), "--version"]) and _works(identity, ["test", "-x", str(place)]):
            return identity
    raise CannotRunPostgres(NO_WAY.format(place=place))


def _mapped() -> list[Identity]:
    """Root in the guise of another user by a user namespace: reaches all of root's own files, 0700 homes too."""
    unshare = shutil.which("unshare")
    ordinary = next((entry for entry in pwd.getpwall() if entry.pw_uid != 0), None)  # initdb looks the user up by name
    if unshare is None or ordinary is None:
        return []
    return [Identity(prefix=(unshare, "--user", f"--map-user={ordinary.pw_uid}", f"--map-group={ordinary.pw_gid}"))]


def _nobody() -> list[Identity]:
    return [Identity(user=entry.pw_uid, group=entry.pw_gid) for entry in pwd.getpwall() if entry.pw_name == NOBODY]


def _works(identity: Identity, command: Sequence[str]) -> bool:
    try:
        identity.run(command)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True
