"""A tiny CLAP in transformers' own format: both towers, feature extractor and a tokenizer made on the spot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

CORPUS = ["slow sad piano music", "a dog barks in the rain at night", "loud electric guitar solo on a tin roof"]

LARGER_GENERAL: dict[str, Any] = {
    "depths": [2, 2, 12, 2],
    "num_attention_heads": [4, 8, 16, 32],
    "patch_size": 4,
    "patch_stride": [4, 4],
    "patch_embeds_hidden_size": 128,
    "hidden_size": 1024,
    "num_hidden_layers": 4,
}
"""The audio side of laion/larger_clap_general."""


def tiny_config(**audio: Any) -> Any:
    """A ClapConfig of two audio stages and two text layers; ``audio`` replaces keys of the audio side."""
    from transformers import ClapConfig

    sound: dict[str, Any] = {
        "depths": [1, 1],
        "num_attention_heads": [2, 4],
        "patch_embeds_hidden_size": 16,
        "patch_size": 16,
        "patch_stride": [16, 16],
        "hidden_size": 32,
        "num_hidden_layers": 2,
    }
    text = {
        "vocab_size": 400,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "max_position_embeddings": 66,
    }
    return ClapConfig(text_config=text, audio_config={**sound, **audio}, projection_dim=24)


def tiny_tokenizer(folder: Path) -> Any:
    """RoBERTa's kind of tokenizer, trained on three sentences."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import PreTrainedTokenizerFast

    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(CORPUS, vocab_size=400, special_tokens=special)
    from tokenizers.processors import RobertaProcessing

    trained.post_processor = RobertaProcessing(("</s>", 2), ("<s>", 0))
    folder.mkdir(parents=True, exist_ok=True)
    return PreTrainedTokenizerFast(
        tokenizer_object=trained._tokenizer,
        bos_token="<s>",
        cls_token="<s>",
        pad_token="<pad>",
        eos_token="</s>",
        sep_token="</s>",
        unk_token="<unk>",
        mask_token="<mask>",
    )


def write_clap(folder: Path, *, seed: int = 0, noise: float = 0.3, padding: str = "repeatpad", **audio: Any) -> Path:
    """Write a whole CLAP checkpoint into ``folder``; return it.

    ``noise`` is added to every weight, without which random towers answer everything alike; ``audio`` replaces keys of
    the audio side's config (``enable_fusion=True`` for a fused model).
    """
    import torch
    from transformers import ClapFeatureExtractor, ClapModel

    torch.manual_seed(seed)
    model = ClapModel(tiny_config(**audio)).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(noise * torch.randn_like(weight))
    model.save_pretrained(folder)
    tiny_tokenizer(folder).save_pretrained(folder)
    truncation = "fusion" if audio.get("enable_fusion") else "rand_trunc"
    ClapFeatureExtractor(truncation=truncation, padding=padding).save_pretrained(folder)
    return folder


def write_full_size(folder: Path, *, noise: float = 0.0) -> Path:
    """Write a CLAP of laion/larger_clap_general's size into ``folder``, with the tiny one's tokenizer; return it."""
    import torch
    from transformers import ClapConfig, ClapModel

    write_clap(folder)
    torch.manual_seed(0)
    model = ClapModel(ClapConfig(audio_config=LARGER_GENERAL)).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(noise * torch.randn_like(weight))
    model.save_pretrained(folder)
    return folder


CHECKPOINTS = {"clap": write_clap, "clap-text": write_clap}
