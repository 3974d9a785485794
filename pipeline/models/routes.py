"""Routes between languages: the fewest packages that lead from one to another."""

from collections import deque
from collections.abc import Sequence
from itertools import product
from typing import Protocol, TypeVar


class Direction(Protocol):
    """What leads from one language to another: an installed package, or one on offer."""

    @property
    def source(self) -> str:
        """The code of the language that it translates from."""
        ...

    @property
    def target(self) -> str:
        """The code of the language that it translates to."""
        ...


Leg = TypeVar("Leg", bound=Direction)


def find_route(packages: Sequence[Leg], source: str, target: str) -> tuple[Leg, ...]:
    """Return the fewest packages that lead from one language to another, none when there is no way.

    Among equally short routes, those through English come first (most packages are trained with it), then the
    alphabet decides; of a pair's versions, the first in `packages`.
    """
    links: dict[str, dict[str, Leg]] = {}
    for package in packages:
        links.setdefault(package.source, {}).setdefault(package.target, package)
    routes: deque[tuple[Leg, ...]] = deque([()])
    reached = {source}
    while routes:
        route = routes.popleft()
        nearby = links.get(route[-1].target if route else source, {})
        for language in sorted(nearby, key=lambda code: (code != "en", code)):
            if language not in reached:
                reached.add(language)
                routes.append((*route, nearby[language]))
                if language == target:
                    return routes[-1]
    return ()


def find_pivots(packages: Sequence[Leg]) -> tuple[tuple[Leg, ...], ...]:
    """Return the route of every pair of languages that only several packages in a row lead between."""
    sources, targets = sorted({p.source for p in packages}), sorted({p.target for p in packages})
    routes = (find_route(packages, *pair) for pair in product(sources, targets))
    return tuple(route for route in routes if len(route) > 1)
