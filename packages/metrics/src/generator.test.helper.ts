/** Park and Miller's generator: here, so that the package depends on none. */
export function generator(seed: number) {
  let state = seed;
  return {
    next() {
      state = (state * 48271) % 2147483647;
      return state / 2147483647;
    },
  };
}
