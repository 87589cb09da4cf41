"""One thread per kernel: the thread pool of TVM spins, and forked children of it deadlock."""

import os

os.environ.setdefault("TVM_NUM_THREADS", "1")
