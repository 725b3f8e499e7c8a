"""The scenario: sites, their pools and prices, read from deploy/scenarios/*/scenario.toml."""
import tomllib
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class SitePlan:
    name: str
    owner: str
    region: str
    pools: list = field(default_factory=list)
    opens_later: bool = False
    backend: str = "process"

    def pool_options(self):
        """As `hansa init --pool` takes them."""
        return [",".join(f"{key}={value}" for key, value in pool.items()) for pool in self.pools]


@dataclass(frozen=True)
class Scenario:
    title: str
    source: str
    sites: list


def load(path: Path) -> Scenario:
    with open(path, "rb") as file:
        data = tomllib.load(file)
    sites = [SitePlan(site["name"], site["owner"], site.get("region", data["region"]), site["pool"],
                      site.get("opens_later", False)) for site in data["site"]]
    return Scenario(data["title"], data["source"], sites)
