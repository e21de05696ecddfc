"""Names and shapes of all tensors in a MuQ-MuLan's weights file, spelt out independent of the encoder that reads it."""

from __future__ import annotations

from typing import Any

Shapes = dict[str, tuple[int, ...]]


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
