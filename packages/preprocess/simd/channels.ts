/** Interleaved RGB to three planes. */
export function spread(rgb: usize, planes: usize, pixels: i32): void {
  const green = planes + pixels;
  const blue = green + pixels;
  for (let i = 0; i < pixels; i++) {
    store<u8>(planes + i, load<u8>(rgb + 3 * i, 0));
    store<u8>(green + i, load<u8>(rgb + 3 * i, 1));
    store<u8>(blue + i, load<u8>(rgb + 3 * i, 2));
  }
}
