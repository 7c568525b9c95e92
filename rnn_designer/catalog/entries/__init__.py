"""Every layer type, in the order of the palette."""

from rnn_designer.catalog.entries.activation_functions import ACTIVATION_FUNCTIONS
from rnn_designer.catalog.entries.adaptive_pooling import ADAPTIVE_POOLING
from rnn_designer.catalog.entries.attention import ATTENTIONS
from rnn_designer.catalog.entries.cells import CELLS
from rnn_designer.catalog.entries.convolution import CONVOLUTION
from rnn_designer.catalog.entries.convolutional_recurrent import CONVOLUTIONAL_RECURRENT
from rnn_designer.catalog.entries.core import CORE
from rnn_designer.catalog.entries.custom import CUSTOM_CELL
from rnn_designer.catalog.entries.further_convolutions import FURTHER_CONVOLUTIONS
from rnn_designer.catalog.entries.input_and_text import INPUT_AND_TEXT
from rnn_designer.catalog.entries.merging import MERGING
from rnn_designer.catalog.entries.normalization import NORMALIZATION
from rnn_designer.catalog.entries.planes import PLANE_CONVOLUTION, PLANE_POOLING
from rnn_designer.catalog.entries.planes_resizing import PLANE_RESIZING
from rnn_designer.catalog.entries.planes_transposed import PLANE_TRANSPOSED
from rnn_designer.catalog.entries.pooling import POOLING
from rnn_designer.catalog.entries.recurrent import RECURRENT
from rnn_designer.catalog.entries.recurrent_loop import RNN
from rnn_designer.catalog.entries.regularization import REGULARIZATION
from rnn_designer.catalog.entries.resizing import RESIZING
from rnn_designer.catalog.entries.shaping import SHAPING
from rnn_designer.catalog.entries.wrappers import WRAPPERS
from rnn_designer.catalog.types import LayerType

CATALOG: dict[str, LayerType] = {
    each.kind: each
    for each in (
        *RECURRENT,
        RNN,
        *CONVOLUTIONAL_RECURRENT,
        *CELLS,
        CUSTOM_CELL,
        *WRAPPERS,
        *INPUT_AND_TEXT,
        *CORE,
        *ACTIVATION_FUNCTIONS,
        *CONVOLUTION,
        *FURTHER_CONVOLUTIONS,
        *PLANE_CONVOLUTION,
        *PLANE_TRANSPOSED,
        *POOLING,
        *PLANE_POOLING,
        *ADAPTIVE_POOLING,
        *NORMALIZATION,
        *REGULARIZATION,
        *SHAPING,
        *RESIZING,
        *PLANE_RESIZING,
        *MERGING,
        *ATTENTIONS,
    )
}
"""Kind to entry, in the order of the palette."""
