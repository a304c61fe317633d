import { FerBenchError } from "@fer-bench/artifacts";
import type { Backbone, BackboneDeclaration, BackboneOptions } from "./backbone.ts";
import { createBackbone } from "./create-backbone.ts";

/** A registered backbone. */
export interface BackboneEntry extends BackboneDeclaration {
  /** The graph for those pictures and its weights. Errors: FerBenchError where the weights are not to be had. */
  create(options: BackboneOptions): Promise<Backbone>;
}

const entries = new Map<string, BackboneEntry>();

/** Makes a backbone known by its name. */
export function registerBackbone(declaration: BackboneDeclaration): void {
  const { name } = declaration;
  if (entries.has(name)) throw new FerBenchError("internal", `Two backbones are named ${name}.`);
  entries.set(name, {
    ...declaration,
    create: (options) => createBackbone(declaration, options, listBackbones),
  });
}

/** Every registered backbone, by name. */
export function listBackbones(): BackboneEntry[] {
  return [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The entry of that name; otherwise a FerBenchError ("bad-config") that lists the names and the nearest of them. */
export function findBackbone(name: string): BackboneEntry {
  const entry = entries.get(name);
  if (entry !== undefined) return entry;
  const names = listBackbones().map((known) => known.name);
  const nearest = nearestName(name, names);
  const hint = nearest === undefined ? "" : ` Did you mean ${nearest}?`;
  throw new FerBenchError("bad-config", `There is no backbone named "${name}".${hint}`, {
    field: "backbone",
    remedy: `Use one of: ${names.join(", ")}.`,
  });
}

/** The name a typing mistake away: the same architecture, or at most a third of the letters wrong. */
function nearestName(name: string, names: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  const scored = names.map((candidate) => ({ candidate, distance: editDistance(wanted, candidate) }));
  scored.sort((a, b) => a.distance - b.distance);
  const best = scored[0];
  if (best !== undefined && best.distance <= Math.ceil(best.candidate.length / 3)) return best.candidate;
  return names.find((candidate) => candidate.split(".")[0] === wanted.split(".")[0]);
}

/** Levenshtein's. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
