"""MuQ-MuLan checkpoints with random weights: every file, name and shape that the official model has, tiny or full size.

Names are spelt out here, independent of the encoder; that they are the official ones is shown by the reference package,
which loads such a checkpoint strictly (``tests/unit/test_muq_reference.py``).
"""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

Shapes = dict[str, tuple[int, ...]]
CORPUS = [
    "slow sad piano music in the rain",
    "fast happy violin and a loud electric guitar solo",
    "an energetic rock song with distorted guitars, driving drums and a soaring male voice",
    "一首适合海边风景的小提琴曲",
]
MULAN: dict[str, Any] = {
    "audio_model": {"model_dim": 32, "name": "OpenMuQ/MuQ-large-msd-iter", "use_layer_idx": -1},
    "audio_transformer": {"dim": 24, "tf_depth": 2, "heads": 2, "dim_head": 8, "ff_mult": 4},
    "mulan": {
        "clip_secs": 10,
        "decoupled_contrastive_learning": True,
        "dim_latent": 20,
        "rank_contrast": True,
        "sr": 24000,
    },
    "text_model": {"model_dim": None, "name": "xlm-roberta-base", "use_layer_idx": -1},
    "text_transformer": {"dim": 24, "tf_depth": 1, "heads": 2, "dim_head": 8, "ff_mult": 4, "max_seq_len": 1024},
}
CONFORMER: dict[str, Any] = {
    "activation_dropout": 0.1,
    "attention_dropout": 0.1,
    "conformer_conv_dropout": 0.1,
    "conv_depthwise_kernel_size": 7,
    "feat_extract_activation": "gelu",
    "hidden_act": "swish",
    "hidden_dropout": 0.1,
    "hidden_size": 1024,
    "intermediate_size": 48,
    "layer_norm_eps": 1e-5,
    "layerdrop": 0.0,
    "max_source_positions": 5000,
    "model_type": "wav2vec2-conformer",
    "num_attention_heads": 4,
    "num_conv_pos_embedding_groups": 4,
    "num_conv_pos_embeddings": 16,
    "num_hidden_layers": 24,
    "position_embeddings_type": "rotary",
    "rotary_embedding_base": 10000,
}
MUQ: dict[str, Any] = {
    "codebook_dim": 16,
    "codebook_size": 64,
    "conv_dim": 8,
    "encoder_depth": 3,
    "encoder_dim": 32,
    "features": ["melspec_2048"],
    "hop_length": 240,
    "is_flash": False,
    "label_rate": 25,
    "n_mels": 128,
    "num_codebooks": 1,
    "recon_loss_ratio": None,
    "rvq_multi_layer_num": 1,
    "rvq_n_codebooks": 2,
    "stat": {"melspec_2048_cnt": 1000, "melspec_2048_mean": 6.768, "melspec_2048_std": 18.418},
    "use_encodec_target": False,
    "use_rvq_target": True,
    "use_vq_target": False,
    "w2v2_config": CONFORMER,
}
ROBERTA: dict[str, Any] = {
    "architectures": ["XLMRobertaForMaskedLM"],
    "bos_token_id": 0,
    "eos_token_id": 2,
    "hidden_act": "gelu",
    "hidden_size": 24,
    "intermediate_size": 48,
    "layer_norm_eps": 1e-05,
    "max_position_embeddings": 66,
    "model_type": "xlm-roberta",
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "pad_token_id": 1,
    "type_vocab_size": 1,
    "vocab_size": 300,
}


def large() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The three configs at the size of MuQ-MuLan-large: MuQ-large, XLM-RoBERTa-base, 8 layers of 768 on either side."""
    mulan, muq, roberta = deepcopy((MULAN, MUQ, ROBERTA))
    mulan["mulan"]["dim_latent"] = 512
    mulan["audio_model"]["model_dim"] = 1024
    for side in ("audio_transformer", "text_transformer"):
        mulan[side] |= {"dim": 768, "tf_depth": 8, "heads": 8, "dim_head": 64}
    muq |= {"codebook_size": 8192, "conv_dim": 512, "encoder_depth": 12, "encoder_dim": 1024, "rvq_n_codebooks": 8}
    muq["w2v2_config"] |= {"conv_depthwise_kernel_size": 31, "intermediate_size": 4096, "num_attention_heads": 16}
    muq["w2v2_config"] |= {"num_conv_pos_embeddings": 128, "num_conv_pos_embedding_groups": 16}
    roberta |= {"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12, "num_hidden_layers": 12}
    roberta |= {"max_position_embeddings": 514, "vocab_size": 250002}
    return mulan, muq, roberta


def _linear(name: str, outputs: int, inputs: int) -> Shapes:
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def _norm(name: str, dim: int) -> Shapes:
    return {f"{name}.weight": (dim,), f"{name}.bias": (dim,)}


def _batch_norm(name: str, dim: int) -> Shapes:
    running: Shapes = {f"{name}.running_mean": (dim,), f"{name}.running_var": (dim,), f"{name}.num_batches_tracked": ()}
    return {**_norm(name, dim), **running}


def _convolutions(channels: int, dim: int) -> Shapes:
    shapes: Shapes = {}
    for block, inputs in enumerate((1, channels)):
        for number, source in ((1, inputs), (2, channels), (3, inputs)):
            shapes |= {f"conv.{block}.conv{number}.weight": (channels, source, 3, 3)}
            shapes |= {f"conv.{block}.conv{number}.bias": (channels,)}
            shapes |= _batch_norm(f"conv.{block}.bn{number}", channels)
    return {**shapes, **_linear("linear", dim, channels * 32)}


def _conformer(muq: dict[str, Any]) -> Shapes:
    settings, dim = muq["w2v2_config"], muq["encoder_dim"]
    inner, kernel, heads = (
        settings[key] for key in ("intermediate_size", "conv_depthwise_kernel_size", "num_attention_heads")
    )
    groups, width = settings["num_conv_pos_embedding_groups"], settings["num_conv_pos_embeddings"]
    positions = "pos_conv_embed.conv"
    shapes: Shapes = {**_norm("layer_norm", dim), f"{positions}.bias": (dim,)}
    shapes |= {f"{positions}.parametrizations.weight.original0": (1, 1, width)}
    shapes |= {f"{positions}.parametrizations.weight.original1": (dim, dim // groups, width)}
    relative = settings["position_embeddings_type"] == "relative"
    if settings["position_embeddings_type"] == "rotary":
        shapes["embed_positions.inv_freq"] = (dim // heads // 2,)
    for layer in (f"layers.{number}" for number in range(muq["encoder_depth"])):
        for norm in ("ffn1_layer_norm", "self_attn_layer_norm", "ffn2_layer_norm", "final_layer_norm"):
            shapes |= _norm(f"{layer}.{norm}", dim)
        for part in ("ffn1", "ffn2"):
            shapes |= _linear(f"{layer}.{part}.intermediate_dense", inner, dim)
            shapes |= _linear(f"{layer}.{part}.output_dense", dim, inner)
        for part in ("q", "k", "v", "out"):
            shapes |= _linear(f"{layer}.self_attn.linear_{part}", dim, dim)
        if relative:
            shapes |= {f"{layer}.self_attn.linear_pos.weight": (dim, dim)}
            shapes |= {f"{layer}.self_attn.pos_bias_{which}": (heads, dim // heads) for which in "uv"}
        shapes |= _norm(f"{layer}.conv_module.layer_norm", dim) | _batch_norm(f"{layer}.conv_module.batch_norm", dim)
        shapes |= {f"{layer}.conv_module.pointwise_conv1.weight": (2 * dim, dim, 1)}
        shapes |= {f"{layer}.conv_module.depthwise_conv.weight": (dim, 1, kernel)}
        shapes |= {f"{layer}.conv_module.pointwise_conv2.weight": (dim, dim, 1)}
    return shapes


def _quantisers(count: int, width: int) -> Shapes:
    shapes: Shapes = {}
    for part in (f"quantizers.{number}" for number in range(count)):
        shapes |= {f"{part}.codebook.weight": (1024, 16), f"{part}.stale_counter": (1024,)}
        for name, outputs, inputs in (("in_proj", 16, width), ("out_proj", width, 16)):
            shapes |= {f"{part}.{name}.weight_g": (outputs, 1, 1), f"{part}.{name}.weight_v": (outputs, inputs, 1)}
            shapes |= {f"{part}.{name}.bias": (outputs,)}
    return shapes


def _transformer(sizes: dict[str, Any]) -> Shapes:
    dim, width, inner = sizes["dim"], sizes["heads"] * sizes["dim_head"], int(sizes["dim"] * sizes["ff_mult"] * 2 / 3)
    shapes: Shapes = {}
    for number in range(sizes["tf_depth"]):
        attention, feed = f"layers.{number}.0", f"layers.{number}.1"
        shapes |= {f"{attention}.norm.learned_gamma": (dim,), f"{attention}.to_q.weight": (width, dim)}
        shapes |= {f"{attention}.to_kv.weight": (2 * width, dim), f"{attention}.to_out.0.weight": (dim, width)}
        shapes |= {f"{attention}.{which}_scale": (sizes["dim_head"],) for which in "qk"}
        shapes |= {
            f"{feed}.0.learned_gamma": (dim,),
            f"{feed}.1.weight": (2 * inner, dim),
            f"{feed}.4.weight": (dim, inner),
        }
    return shapes


def _roberta(config: dict[str, Any]) -> Shapes:
    dim, inner = config["hidden_size"], config["intermediate_size"]
    shapes = {"embeddings.word_embeddings.weight": (config["vocab_size"], dim)} | _norm("embeddings.LayerNorm", dim)
    shapes |= {"embeddings.position_embeddings.weight": (config["max_position_embeddings"], dim)}
    shapes |= {"embeddings.token_type_embeddings.weight": (1, dim)} | _linear("pooler.dense", dim, dim)
    for layer in (f"encoder.layer.{number}" for number in range(config["num_hidden_layers"])):
        for part in ("query", "key", "value"):
            shapes |= _linear(f"{layer}.attention.self.{part}", dim, dim)
        shapes |= _linear(f"{layer}.attention.output.dense", dim, dim)
        shapes |= _linear(f"{layer}.intermediate.dense", inner, dim) | _linear(f"{layer}.output.dense", dim, inner)
        shapes |= _norm(f"{layer}.attention.output.LayerNorm", dim) | _norm(f"{layer}.output.LayerNorm", dim)
    return shapes


def official_shapes(mulan: dict[str, Any], muq: dict[str, Any], roberta: dict[str, Any]) -> Shapes:
    """Name → shape of everything in the weights file of such a model."""
    audio, text, latent = mulan["audio_transformer"], mulan["text_transformer"], mulan["mulan"]["dim_latent"]
    dim, model_dim = muq["encoder_dim"], mulan["audio_model"]["model_dim"]
    text_dim = mulan["text_model"]["model_dim"]
    groups: dict[str, Shapes] = {
        "audio.model.model.": {"cls_token": (dim,), **_linear("linear", muq["codebook_size"], dim)},
        "audio.model.model.rvq.": _quantisers(muq["rvq_n_codebooks"], 128 * 100 // muq["label_rate"]),
        "audio.model.model.conv.": _convolutions(muq["conv_dim"], dim),
        "audio.model.model.conformer.": _conformer(muq),
        "audio.": {
            "aggregator.weight": (1, 25, 1),
            "aggregator.bias": (1,),
            **_linear("proj", audio["dim"], model_dim),
        },
        "audio.transformer.": _transformer(audio),
        "text.model.": _roberta(roberta),
        "text.": _linear("proj", text["dim"], text_dim) if text_dim not in (None, text["dim"]) else {},
        "text.transformer.": _transformer(text),
        "": _linear("audio_to_latents", latent, audio["dim"]) | _linear("text_to_latents", latent, text["dim"]),
        "contrast.": {"temperatures": (1, 1, 1)},
    }
    return {f"mulan.{prefix}{name}": shape for prefix, shapes in groups.items() for name, shape in shapes.items()}


def random_state(shapes: Shapes, *, seed: int = 0) -> dict[str, Any]:
    """Weights of a size at which every layer matters and none overflows."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    state: dict[str, Any] = {}
    for name, shape in shapes.items():
        values = torch.randn(shape, generator=generator)
        if name.endswith("num_batches_tracked"):
            state[name] = torch.tensor(1000)
        elif name.endswith("inv_freq"):
            state[name] = 10000.0 ** (-torch.arange(shape[0]) / shape[0])
        elif name.endswith("running_var"):
            state[name] = 1.0 + 0.2 * values.abs()
        elif len(shape) == 1 and name.endswith(("weight", "gamma", "scale", "weight_g")):
            state[name] = 1.0 + 0.2 * values
        elif len(shape) == 1:
            state[name] = 0.1 * values
        else:
            fan_in = max(1, values[0].numel()) if "embeddings" not in name else 1
            state[name] = values.mul_(fan_in**-0.5)
    return state


def write_tokenizer(folder: Path, *, vocab_size: int = 300) -> None:
    """XLM-RoBERTa's kind of tokenizer: a unigram model, special tokens in the same places, trained on four texts."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

    special = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=vocab_size - 1, special_tokens=special, unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.add_special_tokens([*special, "<mask>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 512}), encoding="utf-8")


def write_muq(
    folder: Path,
    *,
    seed: int = 0,
    safetensors: bool = False,
    configs: tuple[dict[str, Any], dict[str, Any], dict[str, Any]] | None = None,
    **changes: dict[str, Any],
) -> Path:
    """Write a whole MuQ-MuLan into ``folder``, its named models' small files beside it; return the folder.

    ``changes`` are ``mulan``, ``muq`` or ``roberta``: keys of that config to replace, of a section where it is nested.
    """
    import torch

    mulan, muq, roberta = deepcopy(configs or (MULAN, MUQ, ROBERTA))
    for config, name in ((mulan, "mulan"), (muq, "muq"), (roberta, "roberta")):
        for key, value in changes.get(name, {}).items():
            config[key] = {**config[key], **value} if isinstance(value, dict) else value
    state = random_state(official_shapes(mulan, muq, roberta), seed=seed)
    for config, place in (
        (mulan, folder),
        (muq, folder / mulan["audio_model"]["name"]),
        (roberta, folder / mulan["text_model"]["name"]),
    ):
        place.mkdir(parents=True, exist_ok=True)
        (place / "config.json").write_text(json.dumps(config), encoding="utf-8")
    write_tokenizer(folder / mulan["text_model"]["name"])
    if safetensors:
        from safetensors.torch import save_file

        save_file(state, folder / "model.safetensors")
    else:
        torch.save(state, folder / "pytorch_model.bin")
    return folder


CHECKPOINTS = {"muq": write_muq, "muq-mulan": write_muq}
