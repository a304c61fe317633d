import type { EvaluationInput } from "./request.ts";

/** A short name for each model: its backbone's title, and what tells it from others of that backbone. */
export function modelLabels(models: readonly EvaluationInput[]): string[] {
  const names = [
    ({ backbone }: EvaluationInput) => backbone.title,
    ({ backbone, method }: EvaluationInput) => `${backbone.title}, ${method}`,
    ({ backbone, benchmark }: EvaluationInput) => `${backbone.title}, ${benchmark}`,
  ];
  return models.map((model) => {
    const isUnique = (name: (model: EvaluationInput) => string) =>
      models.filter((other) => name(other) === name(model)).length === 1;
    return (names.find(isUnique) ?? names.at(-1)!)(model);
  });
}
