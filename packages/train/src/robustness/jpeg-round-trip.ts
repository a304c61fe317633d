/** A picture [size, size, channels] as it comes back from a baseline JPEG of that quality, colour subsampled 2x2 as usual. */
export async function jpegRoundTrip(
  picture: Uint8Array,
  { size, channels, quality }: { size: number; channels: 1 | 3; quality: number },
): Promise<Uint8Array> {
  // Loaded here, so that no other stage starts with a library of pictures in memory.
  const { default: sharp } = await import("sharp");
  const raw = { width: size, height: size, channels };
  const colours = channels === 1 ? "b-w" : "srgb";
  const bytes = await sharp(picture, { raw })
    .toColourspace(colours)
    .jpeg({ quality, chromaSubsampling: "4:2:0" })
    .toBuffer();
  return sharp(bytes).toColourspace(colours).raw().toBuffer();
}
