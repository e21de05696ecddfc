"""Settings of a training in the form that TensorBoard's HParams tab reads.

The tab takes a run for a session where it finds ``_hparams_/session_start_info``, and shows beside its settings the
last value of every scalar of the run. The bytes are those of ``tensorboard.plugins.hparams``; its own writer loads
TensorBoard's, which takes longer than a small training.
"""

from __future__ import annotations

from collections.abc import Mapping

from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.types_pb2 import DT_FLOAT
from tensorboard.plugins.hparams.api_pb2 import STATUS_SUCCESS
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData, SessionEndInfo, SessionStartInfo

from antiphon.align.training.results.trackers.tracker import Setting

PLUGIN = "hparams"
START, END = "_hparams_/session_start_info", "_hparams_/session_end_info"


def session_start(name: str, settings: Mapping[str, Setting], started: float) -> Summary.Value:
    """A training begins.

    Parameters
    ----------
    name : of the training, which is a group of one session.
    started : seconds since 1970.
    """
    info = SessionStartInfo(group_name=name, start_time_secs=started)
    for key, value in settings.items():
        if isinstance(value, bool):
            info.hparams[key].bool_value = value
        elif isinstance(value, str):
            info.hparams[key].string_value = value
        else:
            info.hparams[key].number_value = value
    return _value(START, HParamsPluginData(session_start_info=info))


def session_end(ended: float) -> Summary.Value:
    """A training has come to its end, ``ended`` seconds since 1970."""
    info = SessionEndInfo(status=STATUS_SUCCESS, end_time_secs=ended)
    return _value(END, HParamsPluginData(session_end_info=info))


def _value(tag: str, data: HParamsPluginData) -> Summary.Value:
    """The tab reads the metadata alone; the value is the shortest that TensorBoard keeps."""
    content = SummaryMetadata.PluginData(plugin_name=PLUGIN, content=data.SerializeToString())
    nothing = TensorProto(dtype=DT_FLOAT, tensor_shape=TensorShapeProto(dim=[TensorShapeProto.Dim(size=0)]))
    return Summary.Value(tag=tag, metadata=SummaryMetadata(plugin_data=content), tensor=nothing)
