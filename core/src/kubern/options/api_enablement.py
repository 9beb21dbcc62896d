"""The flag that says which APIs are served (upstream: options.APIEnablementOptions)."""

from __future__ import annotations

import dataclasses

from kubern.options.values import FALSE_TEXTS, TRUE_TEXTS, MapStringString, StringMap


@dataclasses.dataclass
class APIEnablementOptions:
    """Which APIs are served."""

    runtime_config: MapStringString = StringMap()
    """APIs to switch on or off: group/version[/resource]=true|false pairs (v1 is the core group's), or api/all,
    api/ga, api/beta, api/alpha for all, generally available, beta and alpha versions."""

    def validate(self) -> list[str]:
        problems = []
        for key, value in self.runtime_config.items():
            if value and value not in TRUE_TEXTS and value not in FALSE_TEXTS:
                problems.append(f"--runtime-config: {key}={value} must be true or false")
        if self.runtime_config.get("api/all") in FALSE_TEXTS and len(self.runtime_config) == 1:
            problems.append("--runtime-config: api/all=false needs at least one API switched on")
        return problems
