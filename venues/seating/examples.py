"""Example bodies for the API's documentation."""

from typing import Any

PLAN_REQUEST: dict[str, Any] = {"name": "End stage", "stage_x": 0.0, "stage_y": 0.0}
PLAN: dict[str, Any] = {
    "id": "0199f3a2-c100-7d3a-a1b2-c3d4e5f6a001",
    "venue": "0198c0de-7a11-7000-8000-00000000a001",
    **PLAN_REQUEST,
    "is_active": True,
    "version": 3,
    "section_count": 2,
    "seat_count": 2,
    "standing_count": 800,
    "created_at": "2026-06-20T18:01:30Z",
    "updated_at": "2026-06-21T09:12:00Z",
}
PLAN_DETAIL: dict[str, Any] = {
    **PLAN,
    "sections": [
        {
            "id": "0199f3a2-c100-7d3a-a1b2-c3d4e5f6a002",
            "name": "112",
            "kind": "seated",
            "capacity": 0,
            "seat_count": 2,
        },
        {
            "id": "0199f3a2-c100-7d3a-a1b2-c3d4e5f6a003",
            "name": "Floor",
            "kind": "standing",
            "capacity": 800,
            "seat_count": 0,
        },
    ],
}
_SEAT: dict[str, Any] = {
    "row": "A",
    "number": "11",
    "label": "112-A-11",
    "x": 4.4,
    "y": 9.0,
    "row_order": 1,
    "seat_order": 1,
    "accessible": True,
    "companion": False,
    "restricted_view": False,
    "companion_of": None,
}
LAYOUT: dict[str, Any] = {
    "stage": {"x": 0.0, "y": 0.0},
    "sections": [
        {
            "name": "112",
            "kind": "seated",
            "outline": [[4.0, 8.0], [12.0, 8.0], [12.0, 14.0], [4.0, 14.0]],
            "seats": [
                _SEAT,
                {
                    **_SEAT,
                    "number": "12",
                    "label": "112-A-12",
                    "x": 5.0,
                    "seat_order": 2,
                    "accessible": False,
                    "companion": True,
                    "companion_of": "112-A-11",
                },
            ],
        },
        {
            "name": "Floor",
            "kind": "standing",
            "capacity": 800,
            "outline": [[-4.0, 2.0], [4.0, 2.0], [4.0, 7.0], [-4.0, 7.0]],
        },
    ],
}
SEATS_CSV: Any = (
    "section,row,number,label,x,y,row_order,seat_order,accessible,companion,restricted_view,companion_of\r\n"
    "112,A,11,112-A-11,4.4,9.0,1,1,true,false,false,\r\n"
    "112,A,12,112-A-12,5.0,9.0,1,2,false,true,false,112-A-11\r\n"
)
