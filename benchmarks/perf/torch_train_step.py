"""Training steps of torchvision's EfficientNet-B0 on the CPU, for train-step.bench.ts to alternate with.

    python3 benchmarks/perf/torch_train_step.py SIZE BATCH THREADS

Writes `ready` and the versions; then for every line `FORMAT STEPS` on stdin (FORMAT contiguous or channels-last) runs
so many steps of SGD with momentum, all layers trainable, and writes their seconds.
"""

import sys
import time

import torch
import torchvision

size, batch, threads = map(int, sys.argv[1:4])
torch.set_num_threads(threads)
FORMATS = {"contiguous": torch.contiguous_format, "channels-last": torch.channels_last}


def prepare(memory_format):
    model = torchvision.models.efficientnet_b0(num_classes=7).train().to(memory_format=memory_format)
    samples = torch.randn(batch, 3, size, size).to(memory_format=memory_format)
    labels = torch.randint(0, 7, (batch,))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

    def step():
        optimizer.zero_grad(set_to_none=True)
        torch.nn.functional.cross_entropy(model(samples), labels).backward()
        optimizer.step()

    step()
    return step


steps = {name: prepare(memory_format) for name, memory_format in FORMATS.items()}
onednn = "with" if torch.backends.mkldnn.is_available() else "without"
print(f"ready PyTorch {torch.__version__} {onednn} oneDNN, torchvision {torchvision.__version__}", flush=True)
for line in sys.stdin:
    name, count = line.split()
    start = time.perf_counter()
    for _ in range(int(count)):
        steps[name]()
    print(time.perf_counter() - start, flush=True)
