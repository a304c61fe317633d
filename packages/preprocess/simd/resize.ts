/**
 * dlib's bilinear resize_image for one plane, with its arithmetic: four columns at a time in single precision, the last
 * ones alone; grey is rounded and colour cut off, as dlib does (image_transforms/interpolation.h).
 *
 * `groups` are 80 bytes for each four columns: where their pixels begin in a row, how to pick each column's left and
 * right pixel out of the eight bytes from there, and the right one's share. `rest` are 16 bytes for each other column:
 * left and right pixel, and the right one's share in double precision.
 */
export function resize(
  from: usize,
  fromWidth: i32,
  fromHeight: i32,
  to: usize,
  toWidth: i32,
  toHeight: i32,
  groups: usize,
  groupCount: i32,
  rest: usize,
  grey: bool,
): void {
  const step = <f64>(fromHeight - 1) / <f64>max(toHeight - 1, 1);
  let y = -step;
  for (let row = 0; row < toHeight; row++) {
    y += step;
    const above = <i32>Math.floor(y);
    const below = min(above + 1, fromHeight - 1);
    const share = y - <f64>above;
    const top = from + above * fromWidth;
    const bottom = from + below * fromWidth;
    const out = to + row * toWidth;
    resizeGroups(top, bottom, out, groups, groupCount, <f32>share, <f32>(<f64>1 - share), grey);
    resizeRest(top, bottom, out, 4 * groupCount, toWidth, rest, share, grey);
  }
}

function resizeGroups(
  top: usize,
  bottom: usize,
  out: usize,
  groups: usize,
  count: i32,
  share: f32,
  inverse: f32,
  grey: bool,
): void {
  const down = f32x4.splat(share);
  const up = f32x4.splat(inverse);
  const half = f32x4.splat(0.5);
  const one = f32x4.splat(1);
  for (let i = 0; i < count; i++) {
    const first = load<u32>(groups);
    const left = v128.load(groups, 16);
    const right = v128.load(groups, 32);
    const toRight = v128.load(groups, 48);
    const toLeft = v128.load(groups, 64);
    const a = v128.load64_zero(top + first);
    const b = v128.load64_zero(bottom + first);
    let value = f32x4.mul(f32x4.mul(up, toLeft), f32x4.convert_i32x4_s(i8x16.swizzle(a, left)));
    value = f32x4.add(
      value,
      f32x4.mul(f32x4.mul(up, toRight), f32x4.convert_i32x4_s(i8x16.swizzle(a, right))),
    );
    value = f32x4.add(
      value,
      f32x4.mul(f32x4.mul(down, toLeft), f32x4.convert_i32x4_s(i8x16.swizzle(b, left))),
    );
    value = f32x4.add(
      value,
      f32x4.mul(f32x4.mul(down, toRight), f32x4.convert_i32x4_s(i8x16.swizzle(b, right))),
    );
    if (grey) {
      // Not trunc(value + 0.5): the sum is rounded in single precision, and dlib's is not.
      const whole = f32x4.trunc(value);
      value = f32x4.add(whole, v128.and(f32x4.ge(f32x4.sub(value, whole), half), one));
    }
    const words = i32x4.trunc_sat_f32x4_s(value);
    const shorts = i16x8.narrow_i32x4_u(words, words);
    v128.store32_lane(out + 4 * i, i8x16.narrow_i16x8_u(shorts, shorts), 0);
    groups += 80;
  }
}

function resizeRest(
  top: usize,
  bottom: usize,
  out: usize,
  column: i32,
  width: i32,
  rest: usize,
  down: f64,
  grey: bool,
): void {
  for (; column < width; column++) {
    const left = load<i32>(rest);
    const right = load<i32>(rest, 4);
    const toRight = load<f64>(rest, 8);
    const a = load<u8>(top + left);
    const b = load<u8>(top + right);
    const c = load<u8>(bottom + left);
    const d = load<u8>(bottom + right);
    let value: f64;
    if (grey) {
      const single = <f32>toRight;
      const above = (<f32>1 - single) * <f32>a + single * <f32>b;
      const below = (<f32>1 - single) * <f32>c + single * <f32>d;
      value = <f64>(<f32>((<f64>1 - down) * <f64>above + down * <f64>below));
    } else {
      const above = (<f64>1 - toRight) * <f64>a + toRight * <f64>b;
      const below = (<f64>1 - toRight) * <f64>c + toRight * <f64>d;
      value = (<f64>1 - down) * above + down * below;
    }
    store<u8>(out + column, <u8>min(value, 255));
    rest += 16;
  }
}
