"""Makes Tests/Fixtures/optimizers.json: updates, rates, norms and averages of PyTorch and timm.

Run with PyTorch and timm: python Tests/Fixtures/make_optimizers.py
All is computed in float64. Parameters, gradients and weights follow from their names, by the stream
that DLATensor/KeyedRandom.swift describes; the tests draw the same ones.
"""

import json
import math
import pathlib
import warnings

import timm.optim
import timm.scheduler
import timm.utils
import torch
from keyed import uniform

UPDATES = 10
SHAPES = {
    "level0.0.weight": [2, 3, 2, 2],
    "level0.1.weight": [5],
    "level0.1.bias": [5],
    "fc.weight": [2, 3, 1, 1],
    "fc.bias": [2],
}


def tensor(key, shape):
    return torch.from_numpy(uniform(key, math.prod(shape)).reshape(shape))


def tensors(purpose):
    return {name: tensor(f"{purpose}/{name}", shape) for name, shape in SHAPES.items()}


def updated(make, decay, without_norms, factors, rate):
    parameters = {name: torch.nn.Parameter(t) for name, t in tensors("parameter").items()}
    groups = []
    for name, parameter in parameters.items():
        decays = not without_norms or (parameter.ndim > 1 and not name.endswith(".bias"))
        factor = factors.get(name.split(".")[0], 1)
        if factor > 0:
            groups.append(
                {"params": [parameter], "weight_decay": decay if decays else 0, "factor": factor}
            )
    optimizer = make(groups)
    if isinstance(optimizer, timm.optim.RMSpropTF):
        # Paddle's mean square begins at 0, that of TensorFlow at 1.
        for parameter in (p for group in groups for p in group["params"]):
            zero = torch.zeros_like(parameter)
            optimizer.state[parameter] = {"step": torch.tensor(0.0), "square_avg": zero.clone()}
            optimizer.state[parameter]["momentum_buffer"] = zero.clone()
    for update in range(UPDATES):
        for name, gradient in tensors(f"gradient/{update}").items():
            parameters[name].grad = gradient
        for group in optimizer.param_groups:
            group["lr"] = rate * (1 - 0.05 * update) * group["factor"]
        optimizer.step()
    return [number for p in parameters.values() for number in p.detach().flatten().tolist()]


def optimizer(name, decay=0, without_norms=False, factors={}, rate=0.1, **options):
    make = {
        "SGD": torch.optim.SGD,
        "Adam": torch.optim.Adam,
        "AdamW": torch.optim.AdamW,
        "RMSProp": timm.optim.RMSpropTF,
    }[name]
    settings = dict(options)
    betas = settings.pop("beta1", 0.9), settings.pop("beta2", 0.999)
    if name in ("Adam", "AdamW"):
        settings["betas"] = betas
    return {
        "name": name,
        "decay": decay,
        "withoutNorms": without_norms,
        "factors": factors,
        "rate": rate,
        "options": {k: float(v) for k, v in options.items()},
        "parameters": updated(
            lambda groups: make(groups, lr=rate, **settings), decay, without_norms, factors, rate
        ),
    }


def followed(make, steps):
    """The rate, and the momentum, of each step."""
    sgd = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.4, momentum=0.9)
    scheduler = make(sgd)
    rates, momenta = [], []
    for step in range(steps):
        rates.append(sgd.param_groups[0]["lr"])
        momenta.append(sgd.param_groups[0]["momentum"])
        sgd.step()
        if step + 1 < steps:
            scheduler.step(step + 1) if isinstance(
                scheduler, timm.scheduler.scheduler.Scheduler
            ) else scheduler.step()
    return rates, momenta


def one_cycle(total, share, annealing, start, end, momentum):
    rates, momenta = followed(
        lambda sgd: torch.optim.lr_scheduler.OneCycleLR(
            sgd,
            0.4,
            total_steps=total,
            pct_start=share,
            anneal_strategy=annealing,
            div_factor=start,
            final_div_factor=end,
            cycle_momentum=momentum,
        ),
        total,
    )
    return {
        "length": total,
        "risingFraction": share,
        "isLinear": annealing == "linear",
        "startDivisor": start,
        "endDivisor": end,
        "rates": rates,
        "momenta": momenta if momentum else None,
    }


def clipped(most):
    parameters = {}
    for name, gradient in tensors("gradient/0").items():
        parameters[name] = torch.nn.Parameter(torch.zeros_like(gradient))
        parameters[name].grad = gradient
    norm = torch.nn.utils.clip_grad_norm_(parameters.values(), most)
    first = parameters["level0.0.weight"].grad.flatten().tolist()
    return {"most": most, "norm": norm.item(), "first": first}


def clipped_each(most):
    """Each tensor's norm bounded by itself, by PyTorch's function for all of them."""
    result = []
    for gradient in tensors("gradient/0").values():
        parameter = torch.nn.Parameter(torch.zeros_like(gradient))
        parameter.grad = gradient
        torch.nn.utils.clip_grad_norm_([parameter], most)
        result += parameter.grad.flatten().tolist()
    return {"most": most, "all": result}


def smoothed(epsilon):
    logits = 3 * tensor("logits", [6, 5])
    labels = [0, 4, 2, 2, 1, 3]
    loss = torch.nn.functional.cross_entropy(
        logits, torch.tensor(labels), label_smoothing=epsilon
    )
    return {"epsilon": epsilon, "labels": labels, "classes": 5, "loss": loss.item()}


def weighted(epsilon, weights):
    """The loss with probabilities as targets, whose classes weigh differently."""
    logits = 3 * tensor("logits", [6, 5])
    labels = [0, 4, 2, 2, 1, 3]
    targets = torch.full((6, 5), epsilon / 5, dtype=torch.float64)
    targets[range(6), labels] += 1 - epsilon
    loss = torch.nn.functional.cross_entropy(
        logits, targets, weight=torch.tensor(weights, dtype=torch.float64)
    )
    return {"epsilon": epsilon, "labels": labels, "weights": weights, "loss": loss.item()}


def averaged(decay, gamma=None, power=None):
    model = torch.nn.Module()
    model.weight = torch.nn.Parameter(tensor("weight/0", [7]))
    model.register_buffer("running_mean", tensor("mean/0", [3]))
    options = {} if gamma is None else {"warmup_gamma": gamma, "warmup_power": power}
    average = timm.utils.ModelEmaV3(model, decay=decay, use_warmup=gamma is not None, **options)
    for update in range(1, UPDATES + 1):
        model.weight.data.copy_(tensor(f"weight/{update}", [7]))
        model.running_mean.copy_(tensor(f"mean/{update}", [3]))
        average.update(model, step=update)
    state = average.module.state_dict()
    values = state["weight"].tolist() + state["running_mean"].tolist()
    return {"decay": decay, "gamma": gamma, "power": power, "values": values}


schedulers = torch.optim.lr_scheduler
warnings.simplefilter("ignore")
fixture = {
    "optimizers": [
        optimizer("SGD", momentum=0),
        optimizer("SGD", momentum=0.9, decay=1e-4),
        optimizer("SGD", momentum=0.9, decay=0.01, without_norms=True, nesterov=True),
        optimizer("SGD", momentum=0.8, decay=0.05, factors={"level0": 0, "fc": 2.5}),
        optimizer("AdamW", decay=0.01, rate=1e-3),
        optimizer("AdamW", decay=0.05, without_norms=True, beta1=0.8, beta2=0.95, eps=1e-6),
        optimizer("AdamW", decay=0.3, factors={"level0": 0.1}, rate=0.02, eps=0.01),
        optimizer("Adam", decay=0.01, rate=1e-3),
        optimizer("Adam", decay=0.05, without_norms=True, beta1=0.8, beta2=0.95, eps=1e-6),
        optimizer("RMSProp", decay=1e-5, rate=0.01, momentum=0.9, alpha=0.9, eps=1e-3),
        optimizer("RMSProp", decay=0.1, factors={"fc": 2}, momentum=0, alpha=0.95, eps=1e-6),
    ],
    "oneCycle": [
        one_cycle(37, 0.3, "cos", 25, 1e4, True),
        one_cycle(50, 0.2, "linear", 10, 100, True),
        one_cycle(20, 0.0, "cos", 25, 1e4, False),
        one_cycle(12, 1.0, "linear", 4, 10, False),
        one_cycle(1, 0.3, "cos", 25, 1e4, False),
    ],
    "cosine": followed(lambda sgd: schedulers.CosineAnnealingLR(sgd, 30, eta_min=0.01), 31)[0],
    "timmCosine": followed(
        lambda sgd: timm.scheduler.CosineLRScheduler(
            sgd, t_initial=24, lr_min=0.01, warmup_t=5, warmup_lr_init=1e-3
        ),
        30,
    )[0],
    "step": followed(lambda sgd: schedulers.StepLR(sgd, 7, gamma=0.3), 30)[0],
    "clipping": [clipped(0.5), clipped(3), clipped(100)],
    "clippingOfEach": [clipped_each(0.5), clipped_each(1.5)],
    "smoothing": [smoothed(0), smoothed(0.1), smoothed(1)],
    "weighted": [weighted(0, [1, 2, 0.5, 0, 3]), weighted(0.1, [0.25, 1, 4, 2, 0.5])],
    "averages": [averaged(0.9), averaged(0.9999, 1.0, 2 / 3), averaged(0.7, 2.0, 0.75)],
}
path = pathlib.Path(__file__).with_name("optimizers.json")
path.write_text(json.dumps(fixture, indent=1) + "\n")
