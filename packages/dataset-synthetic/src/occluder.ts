/** Something in front of the face. `side` is -1 or 1, `reach` 0 to 1 how much it hides. */
export type Occluder =
  | { readonly kind: "none" }
  | { readonly kind: "sunglasses" }
  | {
      readonly kind: "hand-cheek" | "hand-chin" | "hair-lock" | "scarf";
      readonly side: number;
      readonly reach: number;
    };
