"""t-SNE by scikit-learn on the features of a .npy file, for tsne.bench.ts: each line on stdin is a run, answered by its
seconds, those of all its threads together, divergence and trustworthiness; that of a map of ours is measured, too, where the line names its file of float64.

    sklearn_tsne.py <features.npy> <perplexity> <iterations> <threads>
"""

import sys
import time

import numpy as np
import sklearn
from sklearn.manifold import TSNE, trustworthiness

features = np.load(sys.argv[1])
perplexity, iterations, threads = float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
print(f"ready scikit-learn {sklearn.__version__}", flush=True)
for line in sys.stdin:
    if line.startswith("map "):
        map_of_ours = np.fromfile(line[4:].strip()).reshape(-1, 2)
        print(trustworthiness(features, map_of_ours, n_neighbors=5), flush=True)
        continue
    start, start_of_all = time.perf_counter(), time.process_time()
    model = TSNE(
        perplexity=perplexity, init="pca", learning_rate="auto", n_iter=iterations, random_state=0, n_jobs=threads
    )
    embedded = model.fit_transform(features)
    seconds, processor_seconds = time.perf_counter() - start, time.process_time() - start_of_all
    print(seconds, processor_seconds, model.kl_divergence_, trustworthiness(features, embedded, n_neighbors=5), flush=True)
