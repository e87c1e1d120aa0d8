"""The schema and the list of fields that policy is checked against say what the input document's model says.

Run this file as a script to write both again after the model has changed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from engine.core import policy_schema
from engine.core.input_document import InputDocument
from engine.core.policy_schema import input_schema, required_sections

GATE = Path(__file__).parents[3] / "policies" / "rego" / "gate"
SCHEMA = GATE / "schema" / "input.json"
CONTRACT = GATE / "data" / "contract" / "data.yaml"
HEADER = """\
# Generated from the input document's model: change engine/core/input_document.py, then run
# tests/unit/core/test_policy_schema.py as a script. The rule contract/complete reads it.
"""
AGAIN = "run tests/unit/core/test_policy_schema.py as a script and commit what it writes"


def schema_text() -> str:
    return json.dumps(input_schema(), indent=2) + "\n"


def contract_text() -> str:
    document = {"schema_versions": ["1"], "sections": required_sections()}
    return HEADER + yaml.safe_dump(document, default_flow_style=None, sort_keys=False, width=110)


def objects(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [found for entry in schema for found in objects(entry)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if "object" in schema.get("type", ()) else []
    return own + [found for value in schema.values() for found in objects(value)]


def test_the_committed_schema_is_the_models() -> None:
    assert SCHEMA.read_text() == schema_text(), AGAIN


def test_the_committed_contract_is_the_models() -> None:
    assert CONTRACT.read_text() == contract_text(), AGAIN


def test_no_object_of_the_schema_is_open_to_fields_the_model_has_not() -> None:
    named = [schema for schema in objects(input_schema()) if "properties" in schema]
    assert named
    assert all(schema["additionalProperties"] is False for schema in named)


def test_every_field_of_the_schema_is_required() -> None:
    named = [schema for schema in objects(input_schema()) if "properties" in schema]
    assert all(sorted(schema["required"]) == sorted(schema["properties"]) for schema in named)


def test_every_object_of_the_schema_has_a_section() -> None:
    named = [schema for schema in objects(input_schema()) if "properties" in schema]
    sections = [section for section in required_sections() if "fields" in section]
    assert sorted(sorted(s["properties"]) for s in named) == sorted(sorted(s["fields"]) for s in sections)


def test_a_section_says_types_values_and_bounds_in_the_words_of_rego() -> None:
    fields = {tuple(s["in"]): s["fields"] for s in required_sections() if "in" in s}
    assert fields[()]["incident"] == {"types": ["null", "object"]}
    assert fields[("switch",)]["mode"] == {"types": ["string"], "values": ["advisory", "frozen", "normal"]}
    assert fields[("facts", "blast")]["pods_percent"] == {"types": ["number"], "minimum": 0, "maximum": 100}
    assert fields[("facts", "image")]["critical_vulnerabilities"] == {"types": ["null", "number"], "minimum": 0}


def test_an_object_that_may_be_null_is_still_closed() -> None:
    for name in ("incident", "runbook", "receipt"):
        schema = input_schema()["properties"][name]
        assert schema["type"] == ["object", "null"]
        assert schema["additionalProperties"] is False


def test_elements_of_lists_and_maps_are_looked_into() -> None:
    each = {tuple(s["each"]): s for s in required_sections() if "each" in s and "fields" in s}
    plain = {tuple(s["each"]): s for s in required_sections() if "each" in s and "items" in s}
    assert set(each[("findings",)]["fields"]) == {"source", "check", "severity", "is_new", "line"}
    assert set(each[("time", "zones")]["fields"]) == {"date", "weekday", "minute"}
    assert plain[("facts", "blast", "unknown")]["items"] == {"types": ["string"]}


def test_a_model_that_nests_deeper_than_the_rule_looks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Inner(BaseModel):
        names: list[list[str]]

    class Deep(BaseModel):
        entries: list[Inner]

    monkeypatch.setattr(policy_schema, "InputDocument", Deep)
    with pytest.raises(ValueError, match=r"entries\.\*\.names"):
        required_sections()


def test_the_schema_has_every_section_of_the_document() -> None:
    assert set(input_schema()["properties"]) == set(InputDocument.model_fields)


if __name__ == "__main__":
    SCHEMA.write_text(schema_text())
    CONTRACT.write_text(contract_text())
