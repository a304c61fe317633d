/**
 * Counts how often class `i` was taken for class `j`.
 *
 * @param labels true classes, [N], each in 0..classCount-1
 * @param predicted predicted classes, [N], same range
 * @returns [classCount][classCount], row = true class, column = predicted class
 * @throws RangeError where lengths differ or a class is out of range
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classCount: number,
): number[][] {
  if (labels.length !== predicted.length) {
    throw new RangeError(`${labels.length} labels, but ${predicted.length} predictions`);
  }
  const matrix = Array.from({ length: classCount }, () => new Array<number>(classCount).fill(0));
  for (let i = 0; i < labels.length; i++) {
    matrix[checkedClass(labels[i]!, classCount, "label", i)]![
      checkedClass(predicted[i]!, classCount, "prediction", i)
    ]! += 1;
  }
  return matrix;
}

function checkedClass(value: number, classCount: number, what: string, index: number): number {
  if (!Number.isInteger(value) || value < 0 || value >= classCount) {
    throw new RangeError(`${what} ${index} is ${value}; classes are 0..${classCount - 1}`);
  }
  return value;
}
