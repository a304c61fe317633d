"""Checks Croissant metadata: python3 tools/check_croissant.py FILE...

With the official library, mlcroissant (`pip install mlcroissant`), a file passes where it loads without an error. Without
it, rdflib (Debian 12's python3-rdflib 6.1.1) reads the JSON-LD as RDF, and what the specification 1.0
(http://mlcommons.org/croissant/1.0) asks for is looked up in the graph: the data set's properties, a checksum that the
file beside it has, types of fields, and that every reference leads to something. Prints a JSON object a file; the first
file that does not pass ends it with status 1.
"""

import hashlib
import json
import os
import sys

SC = "https://schema.org/"
CR = "http://mlcommons.org/croissant/"
# Recommended ones that a manifest need not know are warnings, as they are for mlcroissant.
REQUIRED = ["name", "description", "license", "distribution"]
RECOMMENDED = ["url", "creator", "datePublished"]


def with_mlcroissant(path):
    import mlcroissant

    metadata = mlcroissant.Dataset(jsonld=path).metadata
    sets = {record_set.id: len(record_set.fields) for record_set in metadata.record_sets}
    return {"checker": f"mlcroissant {mlcroissant.__version__}", "recordSets": sets}


def with_rdflib(path):
    import rdflib
    from rdflib import RDF, URIRef

    base = "https://example.org/"
    graph = rdflib.Graph().parse(path, format="json-ld", publicID=base)
    problems = []

    def term(text):
        return URIRef(text.replace("sc:", SC).replace("cr:", CR))

    def of_type(kind):
        return list(graph.subjects(RDF.type, term(kind)))

    def value(subject, key):
        return graph.value(subject, term(key))

    datasets = of_type("sc:Dataset")
    if len(datasets) != 1:
        raise SystemExit(f"{path}: {len(datasets)} data sets")
    dataset = datasets[0]
    for key in REQUIRED:
        if value(dataset, "sc:" + key) is None:
            problems.append(f"the data set has no {key}")
    conforms = graph.value(dataset, URIRef("http://purl.org/dc/terms/conformsTo"))
    if str(conforms) != "http://mlcommons.org/croissant/1.0":
        problems.append(f"it conforms to {conforms}")
    files = of_type("cr:FileObject")
    fields = of_type("cr:Field")
    for file in files:
        name = str(value(file, "sc:name"))
        for key in ["contentUrl", "encodingFormat", "contentSize"]:
            if value(file, "sc:" + key) is None:
                problems.append(f"{name} has no {key}")
        sha256 = value(file, "sc:sha256")
        if sha256 is None and value(file, "cr:md5") is None:
            problems.append(f"{name} has no checksum")
        beside = os.path.join(os.path.dirname(path), str(value(file, "sc:contentUrl")))
        if "://" not in beside:
            with open(beside, "rb") as stream:
                if hashlib.sha256(stream.read()).hexdigest() != str(sha256):
                    problems.append(f"{name} is not what its checksum says")
    sets = {}
    for record_set in of_type("cr:RecordSet"):
        name = str(value(record_set, "sc:name"))
        own = list(graph.objects(record_set, term("cr:field")))
        sets[name] = len(own)
        if value(record_set, "cr:key") not in own:
            problems.append(f"the key of {name} is none of its fields")
    for field in fields:
        name = str(value(field, "sc:name"))
        kind = value(field, "cr:dataType")
        if kind is None or not str(kind).startswith((SC, CR)):
            problems.append(f"{name} is of type {kind}")
        source = value(field, "cr:source")
        if source is not None and value(source, "cr:fileObject") not in files:
            problems.append(f"{name} comes from a file that is not described")
        references = value(field, "cr:references")
        if references is not None and value(references, "cr:field") not in fields:
            problems.append(f"{name} refers to no field")
    if problems:
        raise SystemExit(f"{path}: " + "; ".join(problems))
    missing = [key for key in RECOMMENDED if value(dataset, "sc:" + key) is None]
    return {"checker": f"rdflib {rdflib.__version__}", "recordSets": sets, "missing": missing}


def check(path):
    try:
        return with_mlcroissant(path)
    except ModuleNotFoundError as error:
        if error.name != "mlcroissant":
            raise
    return with_rdflib(path)


for path in sys.argv[1:]:
    print(json.dumps(check(path)))
