type Channels = 1 | 3;

/**
 * Interleaved pixels in another number of channels: grey is repeated; colour becomes luma by ITU-R BT.601, in the
 * integers of OpenCV's cvtColor, as in preprocessing. The same array where nothing is to do.
 */
export function convertChannels(pixels: Uint8Array, from: Channels, to: Channels): Uint8Array {
  if (from === to) return pixels;
  if (from === 1) {
    const rgb = new Uint8Array(pixels.length * 3);
    for (let i = 0; i < rgb.length; i++) rgb[i] = pixels[Math.floor(i / 3)]!;
    return rgb;
  }
  const grey = new Uint8Array(pixels.length / 3);
  for (let i = 0; i < grey.length; i++) {
    const [red, green, blue] = [pixels[3 * i]!, pixels[3 * i + 1]!, pixels[3 * i + 2]!];
    grey[i] = (9798 * red + 19235 * green + 3735 * blue + 16384) >> 15;
  }
  return grey;
}
