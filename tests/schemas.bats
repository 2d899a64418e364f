#!/usr/bin/env bats
# ms-trace export against what others published: the protobuf of OTLP, the
# classes and the JSON schema of OpenLineage, the PROV library.  They are
# optional; a test whose library is missing is skipped.  To have them all,
#
#	python3 -m venv V && V/bin/pip install opentelemetry-proto prov \
#	    openlineage-python jsonschema rfc3339-validator
#	MS_PYTHON=V/bin/python MS_OPENLINEAGE=DIR bats tests/schemas.bats
#
# where DIR is the folder spec/ of the OpenLineage project.
load helper

python=${MS_PYTHON:-python3}

# have MODULE...: skip the test where python lacks one of them.
have() {
	local module

	for module; do
		"$python" -c "import $module" 2>/dev/null ||
		    skip "python has no $module"
	done
}

# Histories full of what isn't as it should be, or could be markup.
hostile() {
	printf '%s\n' '{"_lineage":[{"op":"trace","id":'\
'"0193aaaa-0000-7000-8000-000000000001","from":{"source":'\
'"</script>\u202e\u0000\n","line":1}},{"op":"map","stage":"\"\\\u2028",'\
'"rule":"\ud800 \u0007 .a = ."}]}' \
	    '{"_lineage":[{"op":"trace","id":'\
'"0193aaaa-0000-7000-8000-000000000002"},{},{"op":3,"at":"no time",'\
'"undo":{}},{"op":"map","at":"1900-01-01T00:00:00Z"}]}' \
	    '{"_lineage":[{"op":"trace","id":'\
'"0193aaaa-0000-7000-8000-000000000003","at":"2026-01-01T00:00:02Z"},'\
'{"op":"map","at":"2026-01-01T00:00:01Z"}]}'
}

# Histories of every kind, hostile ones among them.
journeys() {
	local parent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01

	ms-trace "$examples/access.ndjson" |
	    ms-filter -n errors --else fine '.status >= 500' |
	    ms-enrich -t "$examples/hosts.csv" -k .ip --miss null |
	    ms-map -n price '.cost = .bytes * 0.01 | del(.user)' >events
	{
		cat fine
		printf '{"tp":"%s","b":[1,2]}\n' "$parent" |
		    ms-trace --traceparent .tp | ms-map '{b: .b[]}'
		ms-trace "$examples/shop/orders.ndjson" |
		    ms-schema up -d "$examples/shop" --to latest
		hostile
	} >>events
}

@test "OTLP: the protobuf of OpenTelemetry takes every line" {
	have opentelemetry.proto.collector.trace.v1.trace_service_pb2
	journeys
	ms-trace export -T otlp events >out || [ $? -eq 1 ]
	[ "$(wc -l <out)" -ge "$(wc -l <"$examples/access.ndjson")" ]
	"$python" - out <<'PYTHON'
import json, re, sys
from google.protobuf.json_format import Parse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest)
seen = {}
for line in open(sys.argv[1], encoding="utf-8"):
    request = Parse(line, ExportTraceServiceRequest())
    assert len(request.resource_spans) == 1
    # ids are hexadecimal in OTLP's JSON, where protobuf has base 64
    for span in (json.loads(line)["resourceSpans"][0]["scopeSpans"][0]
            ["spans"]):
        assert re.fullmatch("[0-9a-f]{32}", span["traceId"]), span
        assert re.fullmatch("[0-9a-f]{16}", span["spanId"]), span
        assert re.fullmatch("([0-9a-f]{16})?", span["parentSpanId"]), span
        assert span["spanId"].strip("0"), span
        assert int(span["startTimeUnixNano"]) <= \
            int(span["endTimeUnixNano"]), span
        # what the events of a fork have in common is one span
        key = span["traceId"], span["spanId"]
        assert seen.setdefault(key, span) == span, span
PYTHON
}

@test "PROV: the PROV library reads every document, and loses nothing" {
	have prov.model
	journeys
	ms-trace export -T prov events >out || [ $? -eq 1 ]
	[ "$(wc -l <out)" -ge "$(wc -l <"$examples/access.ndjson")" ]
	"$examples/tenants/metrics.sh" | ms-trace export -T prov >>out
	"$python" - out <<'PYTHON'
import json, sys
from datetime import datetime
from prov.model import ProvDocument
for line in open(sys.argv[1], encoding="utf-8"):
    given = json.loads(line)
    document = ProvDocument.deserialize(content=line, format="json")
    want = sum(len(v) for k, v in given.items() if k != "prefix")
    assert len(list(document.get_records())) == want, line
    again = ProvDocument.deserialize(
        content=document.serialize(format="json"), format="json")
    assert again == document, line
    # a time is an xsd:dateTime
    for activity in given["activity"].values():
        datetime.fromisoformat(activity.get("prov:endTime", "2026-01-01"))
    # constraint 53 of PROV-CONSTRAINTS: one id names one relation
    ids = [i for k in ("used", "wasGeneratedBy", "wasDerivedFrom", "hadMember")
        for i in given.get(k, {})]
    assert len(ids) == len(set(ids)), ids
PYTHON
}

@test "OpenLineage: the classes of its client hold all of the event" {
	have openlineage.client.event_v2 attr
	journeys
	ms-trace export -T openlineage events >out || [ $? -eq 1 ]
	lines 1 out
	"$python" - out <<'PYTHON'
import json, sys
from openlineage.client.event_v2 import (
    InputDataset, Job, OutputDataset, Run, RunEvent, RunState)
from openlineage.client.generated import column_lineage_dataset as column
from openlineage.client.generated import schema_dataset as schemas

def field(f):
    f["transformations"] = [column.Transformation(**t)
        for t in f["transformations"]]
    assert all(t.type in ("DIRECT", "INDIRECT")
        for t in f["transformations"])
    return column.InputField(**f)

event = json.load(open(sys.argv[1], encoding="utf-8"))
for dataset in event["outputs"]:
    facet = dataset["facets"]["columnLineage"]
    schema = facet.pop("_schemaURL")
    assert schema == column.ColumnLineageDatasetFacet._get_schema(), schema
    made = column.ColumnLineageDatasetFacet(
        producer=facet.pop("_producer"),
        fields={k: column.Fields([field(f) for f in v.pop("inputFields")],
            **v) for k, v in facet.pop("fields").items()},
        dataset=[field(f) for f in facet.pop("dataset", [])], **facet)
    shape = dataset["facets"].get("schema", {"fields": []})
    assert shape.pop("_schemaURL", schemas.SchemaDatasetFacet._get_schema()
        ) == schemas.SchemaDatasetFacet._get_schema()
    dataset["facets"] = {"columnLineage": made,
        "schema": schemas.SchemaDatasetFacet(
            producer=shape.pop("_producer", None),
            fields=[schemas.SchemaDatasetFacetFields(**f)
                for f in shape.pop("fields")], **shape)}
event["outputs"] = [OutputDataset(**d) for d in event["outputs"]]
event["inputs"] = [InputDataset(**d) for d in event["inputs"]]
event["run"] = Run(**event["run"])
event["job"] = Job(**event["job"])
event["eventType"] = RunState[event["eventType"]]
schema = event.pop("schemaURL")
made = RunEvent(**event)
assert made.schemaURL == schema, (made.schemaURL, schema)
PYTHON
}

@test "OpenLineage: the published JSON schema holds" {
	have jsonschema referencing rfc3339_validator
	[ -r "${MS_OPENLINEAGE:-}/OpenLineage.json" ] ||
	    skip "MS_OPENLINEAGE names no copy of OpenLineage's spec"
	journeys
	ms-trace export -T openlineage events >out || [ $? -eq 1 ]
	{
		echo '{"a":1}' | ms-trace export -T openlineage
		ms-trace export -T openlineage </dev/null
		"$examples/tenants/metrics.sh" | ms-trace export -T openlineage
		"$examples/trading/alert.sh" | ms-trace export -T openlineage
	} >>out
	"$python" - out "$MS_OPENLINEAGE" <<'PYTHON'
import json, sys
import jsonschema
from referencing import Registry, Resource
base, column, fields = (json.load(open(sys.argv[2] + "/" + name)) for name in
    ("OpenLineage.json", "facets/ColumnLineageDatasetFacet.json",
    "facets/SchemaDatasetFacet.json"))
registry = Registry().with_resources((schema["$id"],
    Resource.from_contents(schema)) for schema in (base, column, fields))

def check(value, reference):
    jsonschema.Draft202012Validator({"$ref": reference},
        registry=registry,
        format_checker=jsonschema.FormatChecker()).validate(value)

for line in open(sys.argv[1], encoding="utf-8"):
    event = json.loads(line)
    check(event, base["$id"])
    check(event, event["schemaURL"])
    for dataset in event["outputs"]:
        for name in {"columnLineage", "schema"} & set(dataset["facets"]):
            facet = dataset["facets"][name]
            check(facet, facet["_schemaURL"])
PYTHON
}
