"""MuQ-MuLan checkpoints with random weights: every file, name and shape that the official model has, tiny or full size.

The reference package loads such a checkpoint strictly (``tests/unit/test_muq_reference.py``).
"""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.helpers.checkpoints.muq_shapes import official_shapes, random_state

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


def write_tokenizer(folder: Path) -> None:
    """XLM-RoBERTa's kind of tokenizer: a unigram model of words and letters, its special tokens in the same places."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    special = ["<s>", "<pad>", "</s>", "<unk>"]
    words = {f"▁{word}" for text in CORPUS[:3] for word in text.split()}
    letters = set("".join(CORPUS)) - {" "}
    pieces = [*((piece, 0.0) for piece in special), ("▁", -5.0)]
    pieces += [(piece, -4.0) for piece in sorted(words)] + [(piece, -6.0) for piece in sorted(letters)]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
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


def write_music_model(folder: Path, mulan: Path | None = None, *, safetensors: bool = True, **changes: Any) -> Path:
    """Write the music model of a MuQ-MuLan as its makers publish it by itself; return the folder.

    Parameters
    ----------
    mulan : a whole MuQ-MuLan to take it from; None makes one of ``changes``, as :func:`write_muq` takes them.
    """
    import torch

    from antiphon.encoders._shared.torch_model import read_state

    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as made:
        whole = mulan or write_muq(Path(made), **changes)
        source = next(path for path in whole.iterdir() if path.suffix in (".bin", ".safetensors"))
        start = "mulan.audio.model."
        state = {k.removeprefix(start): v.clone() for k, v in read_state(source).items() if k.startswith(start)}
        config = (whole / MULAN["audio_model"]["name"] / "config.json").read_text(encoding="utf-8")
    (folder / "config.json").write_text(config, encoding="utf-8")
    if safetensors:
        from safetensors.torch import save_file

        save_file(state, folder / "model.safetensors")
    else:
        torch.save(state, folder / "pytorch_model.bin")
    return folder


CHECKPOINTS = {"muq": write_muq, "muq-mulan": write_muq, "muq-layers": write_music_model}
