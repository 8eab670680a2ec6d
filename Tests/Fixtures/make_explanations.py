"""Makes Tests/Fixtures/explanations.json: what explains a class, computed by PyTorch in float64.

Run with PyTorch and timm: python Tests/Fixtures/make_explanations.py
Grad-CAM takes its gradients from autograd (arXiv:1610.02391, equations 1 and 2), the occlusion map
covers squares of 32 pixels at 7x7 centres. Weights and input follow from their names, by the rule
that DLAGraph/Weights/SyntheticWeights.swift describes.
"""

import json
import pathlib

import numpy
import timm
import torch
from keyed import uniform, weight


def network(model):
    result = timm.create_model(model, pretrained=False).double().eval()
    state = {
        name: torch.from_numpy(weight(model, name, tensor.shape).astype(numpy.float64))
        for name, tensor in result.state_dict().items()
        if tensor.is_floating_point()
    }
    result.load_state_dict(state, strict=False)
    return result


def explain(model):
    net = network(model)
    crop = (2 * uniform("input/224", 3 * 224 * 224)).astype(numpy.float32).astype(numpy.float64)
    crop = torch.from_numpy(crop.reshape(1, 3, 224, 224))
    kept = []
    net.level5.register_forward_hook(lambda module, inputs, output: kept.append(output))
    logits = net(crop)
    features = kept[0]
    index = int(logits.argmax())
    (gradient,) = torch.autograd.grad(logits[0, index], features)
    weights = gradient.mean(dim=(2, 3), keepdim=True)
    cam = torch.relu((weights * features).sum(dim=1))[0]

    with torch.no_grad():
        whole = logits.log_softmax(1)[0, index]
        drops = []
        for y in range(16, 224, 32):
            for x in range(16, 224, 32):
                covered = crop.clone()
                covered[:, :, y - 16 : y + 16, x - 16 : x + 16] = 0
                drops.append(float(whole - net(covered).log_softmax(1)[0, index]))
    return {
        "class": index,
        "probability": float(whole.exp()),
        "gradCAM": cam.flatten().tolist(),
        "occlusion": drops,
    }


if __name__ == "__main__":
    result = {model: explain(model) for model in ["dla34", "dla46x_c", "dla60"]}
    path = pathlib.Path(__file__).parent / "explanations.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
