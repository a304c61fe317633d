/* Preloaded with --import: the system's clock jumps by up to ten years each time somebody looks at it. */
const YEARS_MS = 10 * 31_556_952_000;
const System = Date;
let state = Number(new URL(import.meta.url).searchParams.get("seed"));

/** A linear congruential generator (Numerical Recipes): this runs before anything of fer-bench is loaded. */
function jump() {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.round((state / 2 ** 31 - 1) * YEARS_MS);
}

const now = () => System.now() + jump();

globalThis.Date = new Proxy(System, {
  apply: () => new System(now()).toString(),
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length > 0 ? args : [now()], newTarget),
  get: (target, key) => (key === "now" ? now : Reflect.get(target, key)),
});
