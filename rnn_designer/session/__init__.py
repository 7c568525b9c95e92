"""The running program without widgets: the document, its check, its samples, the engine, and live traces."""

from rnn_designer.session.checks import Checks
from rnn_designer.session.document import Document
from rnn_designer.session.engine_process import EngineProcess, EngineState
from rnn_designer.session.live_run import LiveRun
from rnn_designer.session.live_status import LiveStatus
from rnn_designer.session.playback import Playback
from rnn_designer.session.samples import SampleStore
from rnn_designer.session.trust import Trust
from rnn_designer.session.workspace import Workspace

__all__ = [
    "Checks",
    "Document",
    "EngineProcess",
    "EngineState",
    "LiveRun",
    "LiveStatus",
    "Playback",
    "SampleStore",
    "Trust",
    "Workspace",
]
