"""What a simulated Tesla cloud tells of an account: its cars, its region, which key is on which car."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.chargers.tesla_car import TeslaCar
from simulator.chargers.web import WebReply, WebRequest, json_reply

_VEHICLES = "/api/1/vehicles"


@dataclass(slots=True, kw_only=True)
class TeslaAccount:
    """The cars behind one address."""

    cars: list[TeslaCar] = field(default_factory=list)
    url: str = ""
    """Where its region is served."""
    region: str = "eu"
    wants_signed: bool = False
    """Whether its cars obey signed commands alone."""

    def reply(self, request: WebRequest) -> WebReply | None:
        """Answer what is not about one car; `None`: it is, or is nothing."""
        question = f"{request.verb} {request.path.rstrip('/')}"
        if question in (f"GET {_VEHICLES}", "GET /api/1/products"):
            told = [described(car) for car in self.cars]
            return json_reply({"response": told, "count": len(told)})
        if question == "GET /api/1/users/region":
            return json_reply({"response": {"region": self.region, "fleet_api_base_url": self.url}})
        if question == f"POST {_VEHICLES}/fleet_status":
            return json_reply({"response": self._status((request.content or {}).get("vins", []))})
        return None

    def _status(self, vins: Sequence[str]) -> dict[str, Any]:
        asked = [car for car in self.cars if car.vin in vins]
        return {
            "key_paired_vins": [car.vin for car in asked if car.is_paired],
            "unpaired_vins": [car.vin for car in asked if not car.is_paired],
            "vehicle_info": {
                car.vin: {
                    "firmware_version": car.firmware.split()[0],
                    "vehicle_command_protocol_required": self.wants_signed,
                    "total_number_of_keys": 2,
                }
                for car in asked
            },
        }


def described(car: TeslaCar) -> dict[str, Any]:
    """Describe a car as the cloud does without asking it."""
    return {
        "id": car.number,
        "id_s": str(car.number),
        "vin": car.vin,
        "display_name": "twin",
        "access_type": "OWNER",
        "state": "online" if car.is_online else car.presence,
        "in_service": False,
    }
