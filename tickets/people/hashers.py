"""How passwords are hashed."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id with the parameters of OWASP's password storage cheat sheet (19 MiB, 2 passes).

    Django's own take 100 MiB for every login, more than the rest of a small installation.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
