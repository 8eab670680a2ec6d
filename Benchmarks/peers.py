"""The peers that compare.py times: each one's best settings, in one place.

Every peer runs the same network, timm's, exported once to ONNX. A peer is a class that compiles it
for one batch size and then offers `infer()`; `serve` is the worker process around it. Libraries
are imported inside functions, so that a process loads only the one it needs.
"""

import copy
import json
import shutil
import statistics
import tempfile
import time
from pathlib import Path

#: Largest accepted difference from the float64 logits, as a share of the largest logit.
TOLERANCE = 1e-4


# The network, exported once


def prepared_folder(cache, model, image_size):
    return Path(cache) / f"{model}-{image_size}"


def shortcut_norms(model):
    """Suffixes of the batch norms whose output is added to a shortcut."""
    names = [".bn2.weight" if model == "dla34" else ".bn3.weight"]
    if model.startswith(("dla102", "dla169")):
        names.append("root.bn.weight")
    return tuple(names)


def fill(network, shortcut_norms):
    """Random weights that keep every activation at the scale of a trained network's.

    Batch norms that feed a shortcut have small weights: a deep random network would magnify
    rounding errors.
    """
    import torch

    for name, tensor in network.state_dict().items():
        if not tensor.is_floating_point():
            continue
        random = torch.rand(tensor.shape) * 2 - 1
        if name.endswith("running_var"):
            value = 1 + 0.5 * random
        elif name.endswith(("running_mean", "bias")):
            value = 0.1 * random
        elif tensor.dim() == 4:
            value = random * (5 / tensor[0].numel()) ** 0.5
        else:
            value = (0.2 if name.endswith(shortcut_norms) else 1) * (1 + 0.2 * random)
        tensor.copy_(value)


def prepare(cache, model, image_size):
    """Writes one model's ONNX file, weights, two images and their float64 logits to the cache."""
    import numpy
    import timm
    import torch

    torch.manual_seed(0)
    network = timm.create_model(model, pretrained=False)
    fill(network, shortcut_norms(model))
    network.eval()

    multiply_adds = 0

    def count(module, inputs, output):
        nonlocal multiply_adds
        multiply_adds += output[0].numel() * module.weight[0].numel()

    hooks = [
        module.register_forward_hook(count)
        for module in network.modules()
        if isinstance(module, torch.nn.Conv2d)
    ]
    images = torch.randn(2, 3, image_size, image_size)
    with torch.no_grad():
        network(images[:1])
        for hook in hooks:
            hook.remove()
        weights = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        logits = network.double()(images.double()).numpy()
    network.float().load_state_dict(weights)

    folder = prepared_folder(cache, model, image_size)
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=folder.parent))
    try:
        torch.onnx.export(
            network,
            (images,),
            scratch / "model.onnx",
            input_names=["images"],
            output_names=["logits"],
            dynamic_shapes=[{0: torch.export.Dim("batch")}],
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        torch.save(weights, scratch / "weights.pt")
        numpy.savez(scratch / "reference.npz", images=images.numpy(), logits=logits)
        (scratch / "model.json").write_text(json.dumps({"multiply_adds": multiply_adds}))
        scratch.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


# The peers


class OpenVINO:
    """A static shape, one stream on all threads, and float32 even where the CPU has bf16."""

    def __init__(self, folder, images, threads, isa):
        import openvino

        core = openvino.Core()
        model = core.read_model(folder / "model.onnx")
        model.reshape(list(images.shape))
        self.compiled = core.compile_model(
            model,
            "CPU",
            {
                "PERFORMANCE_HINT": "LATENCY",
                "NUM_STREAMS": 1,
                "INFERENCE_NUM_THREADS": threads,
                "INFERENCE_PRECISION_HINT": "f32",
            },
        )
        self.request = self.compiled.create_infer_request()
        self.request.set_input_tensor(openvino.Tensor(images, shared_memory=True))

    def infer(self):
        return self.request.infer(share_outputs=True)[0]

    def details(self):
        """The kernels it chose for convolutions: they show the precision and instruction set."""
        kernels = set()
        for node in self.compiled.get_runtime_model().get_ops():
            info = node.get_rt_info()
            if "layerType" in info and info["layerType"].astype(str) == "Convolution":
                kernels.add(info["primitiveType"].astype(str))
        wrong = [name for name in kernels if not name.lower().endswith(("_f32", "_fp32"))]
        if wrong:
            raise RuntimeError(f"OpenVINO chose convolutions that are not float32: {wrong}")
        return sorted(kernels)


class ONNXRuntime:
    """A static shape and all graph optimisations; threads spin during and shortly after a run."""

    def __init__(self, folder, images, threads, isa):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.add_free_dimension_override_by_name("batch", images.shape[0])
        options.add_session_config_entry("session.intra_op.allow_spinning", "1")
        self.session = onnxruntime.InferenceSession(
            folder / "model.onnx", options, providers=["CPUExecutionProvider"]
        )
        self.inputs = {"images": images}

    def infer(self):
        return self.session.run(None, self.inputs)[0]

    def details(self):
        return []


class PyTorch:
    """The fastest here of torch.compile with frozen weights, in three ways, and eager.

    The compiled ways differ in the layout of the images and in the wrapper that calls the kernels:
    one in C++ costs less than one in Python, which is there in case the other fails. The report
    says how many failed.
    """

    def __init__(self, folder, images, threads, isa):
        import timm
        import torch
        import torch._inductor.config as inductor
        from torch._dynamo.utils import counters
        from torch.fx.experimental.optimization import fuse

        torch.set_num_threads(threads)
        torch.set_float32_matmul_precision("highest")
        inductor.freezing = True  # As an option of torch.compile it has no effect.
        if isa == "avx2":
            inductor.cpp.simdlen = 256
        network = timm.create_model(folder.name.rsplit("-", 1)[0], pretrained=False)
        network.load_state_dict(torch.load(folder / "weights.pt"))
        network.eval()
        images = torch.from_numpy(images)
        layouts = {"channels last": torch.channels_last, "channels first": torch.contiguous_format}

        def way(network, layout):
            placed = images.to(memory_format=layouts[layout])

            def infer():
                with torch.inference_mode():
                    return network(placed).numpy()

            infer()
            return infer

        def compiled(layout, cpp_wrapper):
            inductor.cpp_wrapper = cpp_wrapper
            folded = counters["inductor"]["binary_folding_conv"]
            placed = copy.deepcopy(network).to(memory_format=layouts[layout])
            infer = way(torch.compile(placed), layout)
            frozen = counters["inductor"]["binary_folding_conv"] > folded
            wrapper = ", C++ wrapper" if cpp_wrapper else ""
            return f"compiled ({'' if frozen else 'not '}frozen, {layout}{wrapper})", infer

        ways, failures = {}, []
        for layout, cpp_wrapper in [
            ("channels last", True), ("channels first", True), ("channels last", False),
        ]:  # fmt: skip
            try:
                name, infer = compiled(layout, cpp_wrapper)
                ways[name] = infer
            except Exception as problem:
                failures.append(type(problem).__name__)  # Its message contains local paths.
        eager = fuse(network).to(memory_format=torch.channels_last)
        ways["eager (channels last)"] = way(eager, "channels last")
        best = min(ways, key=lambda name: min(time_round(ways[name], 0.2)))
        self.infer = ways[best]
        self.found = [best]
        if failures:
            names = ", ".join(sorted(set(failures)))
            self.found.append(f"torch.compile failed in {len(failures)} of 3 ways ({names})")

    def details(self):
        return self.found


PEERS = {"openvino": OpenVINO, "onnxruntime": ONNXRuntime, "pytorch": PyTorch}
TITLES = {"openvino": "OpenVINO", "onnxruntime": "ONNX Runtime", "pytorch": "PyTorch"}
PACKAGES = {"openvino": "openvino", "onnxruntime": "onnxruntime", "pytorch": "torch"}

#: What holds a peer to AVX2: read by oneDNN (OpenVINO, PyTorch), by PyTorch's own kernels, by its
#: MKL and by its compiler. ONNX Runtime's kernels (MLAS) have no such switch.
AVX2_ENVIRONMENT = {
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "ATEN_CPU_CAPABILITY": "avx2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "TORCHINDUCTOR_CPP_MARCH": "x86-64-v3",
}
WITHOUT_AVX2_CAP = {"onnxruntime"}


# The worker process


def check(logits, expected):
    """Returns the error as a share of the largest logit, or raises if it is too large."""
    import numpy

    expected = numpy.resize(expected, logits.shape)
    error = float(numpy.abs(logits - expected).max() / numpy.abs(expected).max())
    if not error <= TOLERANCE:
        raise RuntimeError(f"logits differ from the float64 result by {error:.1e} of the largest")
    return error


def time_round(infer, seconds):
    """The milliseconds of each run in about `seconds`, three runs or more, after a warm-up."""
    for _ in range(3):
        infer()
    times = []
    begin = time.perf_counter()
    while len(times) < 3 or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        infer()
        times.append((time.perf_counter() - start) * 1e3)
    return times


def wait_until_idle(limit=10.0):
    """Waits until this process's threads have stopped spinning."""
    begin = time.perf_counter()
    while time.perf_counter() - begin < limit:
        used = time.process_time()
        time.sleep(0.05)
        if time.process_time() - used < 0.001:
            break
    else:
        raise RuntimeError(f"threads still busy {limit:.0f} s after the last run")


def serve(pipe, peer, folder, batch_size, threads, isa):
    """Compiles a peer, checks its logits, then times a round for each number of seconds received.

    Between rounds the process is blocked on the pipe. It replies only when its threads are
    asleep, so that the next contender has the CPUs to itself.
    """
    try:
        import numpy

        reference = numpy.load(folder / "reference.npz")
        images = numpy.resize(reference["images"], (batch_size, *reference["images"].shape[1:]))
        contender = PEERS[peer](folder, numpy.ascontiguousarray(images), threads, isa)
        error = check(contender.infer(), reference["logits"])
        details = contender.details()
        wait_until_idle()
        pipe.send({"error": error, "details": details})
        while True:
            seconds = pipe.recv()
            if seconds is None:
                return
            used = time.process_time()
            times = time_round(contender.infer, seconds)
            wait_until_idle()
            pipe.send(
                {
                    "median_ms": statistics.median(times),
                    "best_ms": min(times),
                    "runs": len(times),
                    "cpu_seconds": time.process_time() - used,
                }
            )
    except (EOFError, KeyboardInterrupt):
        return  # The driver is gone, or the user stops it.
    except Exception as problem:
        line = str(problem).strip().splitlines() or [type(problem).__name__]
        pipe.send({"failure": line[0]})
