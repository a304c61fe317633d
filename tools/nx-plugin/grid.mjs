/*
 * What the tasks of a grid need of packages/train/src/grid.ts: the names of its cells, and whether it has any. A test
 * compares the two. The words for each mistake are the command line's.
 */
const SECTIONS = ["input", "features", "train"];
const MOST_CELLS = 128;

/**
 * The cells of a grid whose cells share the `train.mode`: { name, features, values } each; undefined where it is no grid
 * that can be named.
 */
export function combinations(grid, mode) {
  if (!isGrid(grid)) return undefined;
  const fields = Object.keys(grid);
  const beforeTraining = fields.filter((field) => section(field) !== "train");
  let all = [{}];
  for (const field of fields) {
    all = all.flatMap((one) => grid[field].map((value) => ({ ...one, [field]: value })));
  }
  return all.map((values) => {
    const trainsBackbone = (values["train.mode"] ?? mode) === "finetune";
    const named = (some) => some.map((field) => partOfName(fields, field, values[field])).join("_");
    return {
      name: named(fields),
      features: named(trainsBackbone ? fields : beforeTraining) || "shared",
      values,
    };
  });
}

function partOfName(fields, field, value) {
  if (field === "backbone") return String(value);
  const alike = fields.filter((other) => lastWord(other) === lastWord(field));
  return `${alike.length > 1 ? field : lastWord(field)}-${value}`;
}

function isGrid(grid) {
  if (typeof grid !== "object" || grid === null || Array.isArray(grid)) return false;
  const count = Object.values(grid).reduce((product, values) => product * (values?.length ?? 0), 1);
  return (
    Object.keys(grid).length > 0 &&
    Object.keys(grid).every(isVariable) &&
    Object.values(grid).every(isListOfValues) &&
    count <= MOST_CELLS
  );
}

function isVariable(field) {
  if (field === "backbone") return true;
  return SECTIONS.includes(section(field)) && /^[A-Za-z]+(\.[A-Za-z0-9]+)+$/.test(field);
}

function isListOfValues(values) {
  return (
    Array.isArray(values) &&
    values.length > 0 &&
    new Set(values.map(String)).size === values.length &&
    values.every(isValue)
  );
}

function isValue(value) {
  if (typeof value === "string") return /^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(value);
  return value === null || typeof value === "number" || typeof value === "boolean";
}

const section = (field) => field.split(".")[0];
const lastWord = (field) => field.split(".").at(-1);
