"""Checks ONNX files with the official checker: python3 tools/check_onnx.py FILE...

Needs the onnx package; Debian 12's python3-onnx 1.12 knows operator sets up to 17. A file passes where
`onnx.checker.check_model(full_check=True)` does and strict shape inference knows the type and rank of every value.
Prints one JSON list of what each file holds; the first file that does not pass ends it with status 1.
"""

import json
import sys

import onnx


def extents(value):
    return [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]


def ports(values):
    name_of = onnx.TensorProto.DataType.Name
    return {v.name: [name_of(v.type.tensor_type.elem_type), extents(v)] for v in values}


def check(path):
    onnx.checker.check_model(path, full_check=True)
    model = onnx.load(path)
    graph = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True).graph
    inferred = {v.name for v in [*graph.value_info, *graph.output] if v.type.tensor_type.HasField("shape")}
    unknown = [name for node in graph.node for name in node.output if name not in inferred]
    if unknown:
        raise SystemExit(f"{path}: no shape can be inferred of {', '.join(unknown[:5])}")
    return {
        "onnx": onnx.__version__,
        "irVersion": model.ir_version,
        "opsets": {o.domain: o.version for o in model.opset_import},
        "producer": [model.producer_name, model.producer_version],
        "doc": model.doc_string,
        "metadata": {p.key: p.value for p in model.metadata_props},
        "inputs": ports(model.graph.input),
        "outputs": ports(model.graph.output),
    }


try:
    print(json.dumps([check(path) for path in sys.argv[1:]]))
except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
    raise SystemExit(str(error))
