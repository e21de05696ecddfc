"""A tiny MERT in the hub's own format: its config keys, its weight names, its old weight-norm spelling."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HUB_CONFIG: dict[str, Any] = {
    "activation_dropout": 0.0,
    "apply_spec_augment": True,
    "architectures": ["MERTModel"],
    "attention_dropout": 0.0,
    "attention_relax": -1.0,
    "auto_map": {"AutoConfig": "configuration_MERT.MERTConfig", "AutoModel": "modeling_MERT.MERTModel"},
    "conv_bias": False,
    "conv_dim": [16] * 7,
    "conv_kernel": [10, 3, 3, 3, 3, 2, 2],
    "conv_stride": [5, 2, 2, 2, 2, 2, 2],
    "cqt_bins": 336,
    "deepnorm": False,
    "do_stable_layer_norm": True,
    "feat_extract_activation": "gelu",
    "feat_extract_norm": "layer",
    "feat_proj_layer_norm": True,
    "feature_extractor_cqt": False,
    "feature_extractor_cqt_bins": 336,
    "hidden_act": "gelu",
    "hidden_size": 32,
    "intermediate_size": 64,
    "layerdrop": 0.0,
    "mask_time_prob": 0.8,
    "model_type": "mert_model",
    "num_attention_heads": 4,
    "num_conv_pos_embedding_groups": 4,
    "num_conv_pos_embeddings": 16,
    "num_hidden_layers": 3,
    "sample_rate": 24000,
    "torch_dtype": "float32",
}
V1_95M: dict[str, Any] = {
    "conv_dim": [512] * 7,
    "do_stable_layer_norm": False,
    "feat_extract_norm": "group",
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_attention_heads": 12,
    "num_conv_pos_embedding_groups": 16,
    "num_conv_pos_embeddings": 128,
    "num_hidden_layers": 12,
}
"""Changes that give the size of MERT-v1-95M."""
V1_330M: dict[str, Any] = {
    "conv_bias": True,
    "conv_dim": [512] * 7,
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_attention_heads": 16,
    "num_conv_pos_embedding_groups": 16,
    "num_conv_pos_embeddings": 128,
    "num_hidden_layers": 24,
}
"""Changes that give the size of MERT-v1-330M."""
PREPROCESSOR: dict[str, Any] = {
    "do_normalize": True,
    "feature_extractor_type": "Wav2Vec2FeatureExtractor",
    "feature_size": 1,
    "padding_side": "right",
    "padding_value": 0,
    "return_attention_mask": True,
    "sampling_rate": 24000,
}


def reference_model(config: dict[str, Any], *, seed: int = 0, noise: float = 0.1) -> Any:
    """transformers' HubertModel with random weights; ``noise`` makes them large enough for every layer to matter."""
    import torch
    from transformers import HubertConfig, HubertModel

    torch.manual_seed(seed)
    known = {key: value for key, value in config.items() if key not in ("model_type", "auto_map", "architectures")}
    model = HubertModel(HubertConfig.from_dict(known)).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "original0" not in name:
                weight.add_(noise * torch.randn_like(weight))
    return model


def hub_names(state: dict[str, Any]) -> dict[str, Any]:
    """The state dict in the spelling of the published file, which predates torch 2.1."""
    renamed = {"parametrizations.weight.original0": "weight_g", "parametrizations.weight.original1": "weight_v"}
    result = {}
    for key, value in state.items():
        for modern, old in renamed.items():
            key = key.replace(modern, old)
        result[key] = value.clone()
    return result


def write_mert(folder: Path, *, seed: int = 0, noise: float = 0.1, **changes: Any) -> Path:
    """Write ``config.json``, ``preprocessor_config.json`` and ``pytorch_model.bin`` into ``folder``; return it.

    ``changes`` replace keys of the hub's config.
    """
    import torch

    config = {**HUB_CONFIG, **changes}
    folder.mkdir(parents=True, exist_ok=True)
    state = hub_names(reference_model(config, seed=seed, noise=noise).state_dict())
    torch.save(state, folder / "pytorch_model.bin")
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR), encoding="utf-8")
    return folder


CHECKPOINTS = {"mert": write_mert, "mert-95m": write_mert}
