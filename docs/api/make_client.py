"""Write docs/api/consilium.py, the typed client, from docs/api/openapi.yaml.

python docs/api/make_client.py [--check]

One class with a method an operation and a TypedDict a schema, on the standard library alone, so that the one file can
be copied to where it is used. ``--check`` writes nothing and fails where the file is not what it would be.
"""

import argparse
import keyword
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
SCHEMA, CLIENT, HEAD = HERE / "openapi.yaml", HERE / "consilium.py", HERE / "client_head.txt"
METHODS = ("get", "post", "put", "patch", "delete")
PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
PLAIN["object"] = "dict[str, Any]"
JSON, FORM, BYTES = "application/json", "multipart/form-data", "application/octet-stream"

Schema = Mapping[str, Any]


def type_of(schema: Schema) -> str:
    """Return the Python type of a schema."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for word in ("oneOf", "anyOf"):
        if word in schema:
            return " | ".join(dict.fromkeys(type_of(one) for one in schema[word]))
    if "allOf" in schema:
        return type_of(schema["allOf"][0])
    if "enum" in schema:
        return "Literal[" + ", ".join(repr(one) for one in schema["enum"]) + "]"
    kinds = schema.get("type", "any")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return " | ".join(_plain(kind, schema) for kind in kinds)


def _plain(kind: str, schema: Schema) -> str:
    if kind == "array":
        return f"list[{type_of(schema.get('items', {}))}]"
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping) and schema["additionalProperties"]:
        return f"dict[str, {type_of(schema['additionalProperties'])}]"
    if kind == "string" and schema.get("format") == "binary":
        return "File"
    return PLAIN.get(kind, "Any")


def typed_dict(name: str, schema: Schema) -> str:
    """Return the source of one schema's type."""
    if "properties" not in schema:
        return f"{name}: TypeAlias = {type_of(schema)!r}\n"
    required = set(schema.get("required", ()))
    members = {
        key: type_of(one) if key in required else f"NotRequired[{type_of(one)}]"
        for key, one in schema["properties"].items()
    }
    if all(key.isidentifier() and not keyword.iskeyword(key) for key in members):
        body = "".join(f"    {key}: {kind!r}\n" for key, kind in members.items())
        return f'class {name}(TypedDict):\n    """{_sentence(schema.get("description", ""), name)}"""\n\n{body}'
    inner = ", ".join(f"{key!r}: {kind!r}" for key, kind in members.items())
    return f"{name} = TypedDict({name!r}, {{{inner}}})\n"


def _sentence(text: str, name: str) -> str:
    first = " ".join(text.split()).replace("\\", "").replace('"', "'")
    return first.partition(". ")[0].rstrip(".")[:90] + "." if first else f"{name}."


def method(path: str, verb: str, operation: Schema) -> str:
    """Return the source of one operation's method."""
    parameters = operation.get("parameters", [])
    named = [one["name"] for one in parameters if one["in"] == "path"]
    in_path = sorted(named, key=lambda name: path.index("{" + name + "}"))
    arguments = [f"{_name(name)}: str | int" for name in in_path]
    address = re.sub(r"\{(\w+)\}", lambda found: "{_part(" + _name(found[1]) + ")}", path)
    call = [repr(verb.upper()), f'f"{address}"' if in_path else f'"{path}"']
    optional: list[str] = []
    queries = [one for one in parameters if one["in"] == "query"]
    for one in queries:
        kind = type_of(one["schema"])
        (arguments if one.get("required") else optional).append(
            f"{_name(one['name'])}: {kind}" + ("" if one.get("required") else " | None = None")
        )
    if queries:
        call.append("query={" + ", ".join(f"{one['name']!r}: {_name(one['name'])}" for one in queries) + "}")
    content = operation.get("requestBody", {}).get("content", {})
    for kind, word in ((JSON, "body"), (FORM, "form"), (BYTES, "content")):
        if kind in content:
            needed = operation["requestBody"].get("required", False) or kind != JSON
            shape = "bytes" if kind == BYTES else type_of(content[kind]["schema"])
            (arguments if needed else optional).append(f"{word}: {shape}" + ("" if needed else " | None = None"))
            call.append(f"{word}={word}")
            break
    if any(one["in"] == "header" and one["name"] == "Idempotency-Key" for one in parameters):
        optional.append('once: str = ""')
        call.append("once=once")
    star = ", *, " + ", ".join(optional) if optional else ""
    answer = _answer(operation["responses"])
    head = f"    def {operation['operationId']}(self{''.join(', ' + one for one in arguments)}{star}) -> {answer}:"
    words = f'        """{_sentence(operation.get("description", ""), operation["operationId"])}"""'
    if answer == "bytes":
        call.append("raw=True")
    asked = f"self._ask({', '.join(call)})"
    last = asked if answer == "None" else f"return cast({answer!r}, {asked})"
    return "\n".join([head, words, f"        {last}"])


def _answer(responses: Schema) -> str:
    found: Schema = next((one for code, one in sorted(responses.items()) if code.startswith("2")), {})
    content = found.get("content", {})
    if not content:
        return "None"
    return type_of(content[JSON]["schema"]) if JSON in content else "bytes"


def _name(text: str) -> str:
    plain = re.sub(r"\W", "_", text)
    return plain + "_" if keyword.iskeyword(plain) else plain


def parts(document: Schema) -> Iterator[str]:
    """Yield the source, part by part."""
    head = HEAD.read_text(encoding="utf-8")
    types, _, client = head.partition("# TYPES\n")
    yield types
    for name, schema in sorted(document["components"]["schemas"].items()):
        yield typed_dict(name, schema) + "\n\n"
    yield client
    for path, operations in document["paths"].items():
        for verb in METHODS:
            if verb in operations:
                yield method(path, verb, operations[verb]) + "\n\n"


def source() -> str:
    """Return the client as it should be."""
    document = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    written = "".join(parts(document)).rstrip() + "\n"
    command = [sys.executable, "-m", "ruff", "format", "-", "--stdin-filename", str(CLIENT)]
    return subprocess.run(command, input=written, capture_output=True, text=True, check=True).stdout  # noqa: S603


def main() -> None:
    """Write the client, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    made = source()
    if not parser.parse_args().check:
        CLIENT.write_text(made, encoding="utf-8")
    elif CLIENT.read_text(encoding="utf-8") != made:
        raise SystemExit("docs/api/consilium.py is not what docs/api/openapi.yaml says: run docs/api/make_client.py")


if __name__ == "__main__":
    main()
