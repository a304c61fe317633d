import { FerBenchError } from "@fer-bench/artifacts";
import { type Attribute, OnnxGraph, type Value } from "@fer-bench/models";

/**
 * A graph that ONNX Runtime computes on a GPU, and there alone: what its WebGPU provider (1.30) lacks is said with other
 * operators. It has none of the runtime's convolutions, whose groups that provider refuses in three dimensions, and
 * computes wrongly in the inference graph's layout.
 */
export class GpuGraph extends OnnxGraph {
  readonly #integers = new Map<Value, readonly number[]>();

  override integers(...values: readonly number[]): Value {
    const value = super.integers(...values);
    this.#integers.set(value, values);
    return value;
  }

  override nodes(
    operator: string,
    inputs: readonly (Value | undefined)[],
    outputs: number,
    attributes: Readonly<Record<string, Attribute>> = {},
    name = operator,
  ): Value[] {
    if (operator === "Split") return this.#slices(inputs as [Value, Value], attributes.axis as number);
    if (operator === "Conv") return [this.#affine(inputs as [Value, Value, Value], attributes)];
    if (operator === "LogSoftmax") return [this.#logSoftmax(inputs[0]!, attributes.axis as number)];
    return super.nodes(operator, inputs, outputs, attributes, name);
  }

  /** Piece by piece: a shader has room for few buffers, and a network has hundreds of parameters in one vector. */
  #slices([value, sizes]: [Value, Value], axis: number): Value[] {
    let start = 0;
    return this.#integers.get(sizes)!.map((size) => {
      const range = [this.integers(start), this.integers(start + size), this.integers(axis)];
      start += size;
      return this.node("Slice", [value, ...range]);
    });
  }

  /** x - log(sum of exp(x)), of the differences to the largest. */
  #logSoftmax(x: Value, axis: number): Value {
    const along = this.integers(axis);
    const differences = this.node("Sub", [x, this.node("ReduceMax", [x, along], { keepdims: 1 })]);
    const sum = this.node("ReduceSum", [this.node("Exp", [differences]), along], { keepdims: 1 });
    return this.node("Sub", [differences, this.node("Log", [sum])]);
  }

  /** x * gain + offset of rows [1, channels, values], which the grouped convolution of one tap stands for. */
  #affine(
    [x, gain, offset]: [Value, Value, Value],
    { kernel_shape }: Readonly<Record<string, Attribute>>,
  ): Value {
    if (String(kernel_shape) !== "1") {
      throw new FerBenchError("internal", "A GPU's step has no convolutions of the runtime's.");
    }
    const ofChannels = (value: Value) => this.node("Reshape", [value, this.integers(-1, 1)]);
    return this.node("Add", [this.node("Mul", [x, ofChannels(gain)]), ofChannels(offset)]);
  }
}
