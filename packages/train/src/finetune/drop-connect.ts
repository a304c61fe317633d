import { defineGraph, type Graph } from "@fer-bench/models";

/**
 * The graph with other rates of stochastic depth: the largest becomes `rate`, and the others keep their proportions to
 * it, as they rise with depth (Huang et al., "Deep Networks with Stochastic Depth", 2016). With null, the graph's own.
 */
export function withDropConnect(graph: Graph, rate: number | null): Graph {
  if (rate === null) return graph;
  const own = graph.layers.map((layer) => (layer.kind === "dropout" && layer.perSample ? layer.rate : 0));
  const largest = Math.max(...own);
  const layers = graph.layers.map((layer, i) =>
    own[i]! > 0 ? { ...layer, rate: (rate * own[i]!) / largest } : layer,
  );
  return defineGraph(graph.name, layers);
}
