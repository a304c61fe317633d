/** What to do with a file of PyTorch's, which holds pickled objects and is not read: part of a sentence. */
export function howToConvert(file: string): string {
  return (
    `convert ${file} in Python (pip install torch safetensors): ` +
    'state = torch.load("FILE.pth", map_location="cpu"); ' +
    'safetensors.torch.save_file({k: v.contiguous() for k, v in state.items()}, "FILE.safetensors")'
  );
}
