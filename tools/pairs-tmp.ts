import { createRandom, randomInt } from "@fer-bench/artifacts";
import { MOST_BITS, pairsByParts } from "../packages/datasets/src/repeats/pairs-by-parts.ts";
import { pairsWithin } from "../packages/datasets/src/repeats/perceptual-hash.ts";
const cpu=()=>{const u=process.cpuUsage();return (u.user+u.system)/1e6};
for (const n of [20_000, 50_000, 100_000]) {
  const r = createRandom("x", n); const w=()=>randomInt(r,2**32)|0;
  const h={even:Int32Array.from({length:n},w),odd:Int32Array.from({length:n},w)};
  let k=0, c=cpu(); pairsByParts(h,MOST_BITS,()=>k++); console.log(n,"parts",(cpu()-c).toFixed(2),k);
  if (n<=50_000){ k=0;c=cpu(); pairsWithin(h,MOST_BITS,()=>k++); console.log(n,"every",(cpu()-c).toFixed(2),k);}
}
