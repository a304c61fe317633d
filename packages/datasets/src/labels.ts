/** The canonical expressions, in FER-2013's order (Goodfellow et al. 2013). */
export const CANONICAL_LABELS = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"] as const;
export type Label = (typeof CANONICAL_LABELS)[number];

export const SPLITS = ["train", "validation", "test"] as const;
export type Split = (typeof SPLITS)[number];
