/** W(32, n k) of n 0 to 7 and k 1 to 3, real and imaginary part in all four lanes: the caller fills it in. */
export const twiddleTable = memory.data(8 * 3 * 32, 16);

/** Between the two steps of a transform: eight points after another of each k. */
const between = memory.data(32 * 32, 16);

/** W(8, 1), real part. */
const DIAGONAL: f32 = 0.7071067811865476;

/**
 * Fourier transform of 32 complex numbers, four at once, in place. Points are `stride` bytes apart; real parts are
 * `real` (0 or 16) bytes into a point, imaginary ones in its other half. Four times eight: X(k + 4 m) = sum over n 0..7
 * of W(8, n m) W(32, n k) times the sum over j 0..3 of x(8 j + n) W(4, j k).
 */
export function transformColumn(points: usize, stride: usize, real: usize): void {
  const imaginary: usize = <usize>16 - real;
  let twiddles = twiddleTable;
  for (let n: usize = 0; n < 8; n++) {
    const a = points + n * stride;
    const b = a + 8 * stride;
    const c = b + 8 * stride;
    const d = c + 8 * stride;
    const acRe = f32x4.add(v128.load(a + real), v128.load(c + real));
    const acIm = f32x4.add(v128.load(a + imaginary), v128.load(c + imaginary));
    const caRe = f32x4.sub(v128.load(a + real), v128.load(c + real));
    const caIm = f32x4.sub(v128.load(a + imaginary), v128.load(c + imaginary));
    const bdRe = f32x4.add(v128.load(b + real), v128.load(d + real));
    const bdIm = f32x4.add(v128.load(b + imaginary), v128.load(d + imaginary));
    const dbRe = f32x4.sub(v128.load(b + real), v128.load(d + real));
    const dbIm = f32x4.sub(v128.load(b + imaginary), v128.load(d + imaginary));
    const to = between + n * 32;
    v128.store(to, f32x4.add(acRe, bdRe));
    v128.store(to, f32x4.add(acIm, bdIm), 16);
    turned(f32x4.add(caRe, dbIm), f32x4.sub(caIm, dbRe), twiddles, to + 256);
    turned(f32x4.sub(acRe, bdRe), f32x4.sub(acIm, bdIm), twiddles + 32, to + 512);
    turned(f32x4.sub(caRe, dbIm), f32x4.add(caIm, dbRe), twiddles + 64, to + 768);
    twiddles += 96;
  }
  for (let k: usize = 0; k < 4; k++) {
    eight(between + 256 * k, points + k * stride, 4 * stride, real);
  }
}

// @ts-ignore: decorator
@inline
function turned(re: v128, im: v128, twiddle: usize, to: usize): void {
  const cosine = v128.load(twiddle);
  const sine = v128.load(twiddle, 16);
  v128.store(to, f32x4.sub(f32x4.mul(re, cosine), f32x4.mul(im, sine)));
  v128.store(to, f32x4.add(f32x4.mul(re, sine), f32x4.mul(im, cosine)), 16);
}

/** Fourier transform of eight points in a row, to points `stride` apart. */
// @ts-ignore: decorator
@inline
function eight(from: usize, to: usize, stride: usize, real: usize): void {
  const imaginary: usize = <usize>16 - real;
  // The odd four.
  let aRe = f32x4.add(v128.load(from, 32), v128.load(from, 160));
  let aIm = f32x4.add(v128.load(from, 48), v128.load(from, 176));
  let bRe = f32x4.sub(v128.load(from, 32), v128.load(from, 160));
  let bIm = f32x4.sub(v128.load(from, 48), v128.load(from, 176));
  let cRe = f32x4.add(v128.load(from, 96), v128.load(from, 224));
  let cIm = f32x4.add(v128.load(from, 112), v128.load(from, 240));
  let dRe = f32x4.sub(v128.load(from, 96), v128.load(from, 224));
  let dIm = f32x4.sub(v128.load(from, 112), v128.load(from, 240));
  const odd0Re = f32x4.add(aRe, cRe);
  const odd0Im = f32x4.add(aIm, cIm);
  // Times -i.
  const odd2Re = f32x4.sub(aIm, cIm);
  const odd2Im = f32x4.sub(cRe, aRe);
  const diagonal = f32x4.splat(DIAGONAL);
  const odd1ReRaw = f32x4.add(bRe, dIm);
  const odd1ImRaw = f32x4.sub(bIm, dRe);
  const odd3ReRaw = f32x4.sub(bRe, dIm);
  const odd3ImRaw = f32x4.add(bIm, dRe);
  // Times (1 - i) / sqrt 2, and times (-1 - i) / sqrt 2.
  const odd1Re = f32x4.mul(diagonal, f32x4.add(odd1ReRaw, odd1ImRaw));
  const odd1Im = f32x4.mul(diagonal, f32x4.sub(odd1ImRaw, odd1ReRaw));
  const odd3Re = f32x4.mul(diagonal, f32x4.sub(odd3ImRaw, odd3ReRaw));
  const odd3Im = f32x4.neg(f32x4.mul(diagonal, f32x4.add(odd3ReRaw, odd3ImRaw)));
  // The even four, each with its odd one.
  aRe = f32x4.add(v128.load(from, 0), v128.load(from, 128));
  aIm = f32x4.add(v128.load(from, 16), v128.load(from, 144));
  bRe = f32x4.sub(v128.load(from, 0), v128.load(from, 128));
  bIm = f32x4.sub(v128.load(from, 16), v128.load(from, 144));
  cRe = f32x4.add(v128.load(from, 64), v128.load(from, 192));
  cIm = f32x4.add(v128.load(from, 80), v128.load(from, 208));
  dRe = f32x4.sub(v128.load(from, 64), v128.load(from, 192));
  dIm = f32x4.sub(v128.load(from, 80), v128.load(from, 208));
  const half: usize = <usize>4 * stride;
  both(f32x4.add(aRe, cRe), f32x4.add(aIm, cIm), odd0Re, odd0Im, to, half, real, imaginary);
  to += stride;
  both(f32x4.add(bRe, dIm), f32x4.sub(bIm, dRe), odd1Re, odd1Im, to, half, real, imaginary);
  to += stride;
  both(f32x4.sub(aRe, cRe), f32x4.sub(aIm, cIm), odd2Re, odd2Im, to, half, real, imaginary);
  to += stride;
  both(f32x4.sub(bRe, dIm), f32x4.add(bIm, dRe), odd3Re, odd3Im, to, half, real, imaginary);
}

/** Sum and difference, half the points apart. */
// @ts-ignore: decorator
@inline
function both(
  evenRe: v128,
  evenIm: v128,
  oddRe: v128,
  oddIm: v128,
  to: usize,
  half: usize,
  real: usize,
  imaginary: usize,
): void {
  v128.store(to + real, f32x4.add(evenRe, oddRe));
  v128.store(to + imaginary, f32x4.add(evenIm, oddIm));
  v128.store(to + half + real, f32x4.sub(evenRe, oddRe));
  v128.store(to + half + imaginary, f32x4.sub(evenIm, oddIm));
}
