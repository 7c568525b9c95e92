"""The pictures of one output: along time and residuals for values, confusion and scores for classes. Needs NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from rnn_designer.session.training.figures import OutputFigures
from rnn_designer.ui.training.evaluation.class_table import ClassTable
from rnn_designer.ui.training.evaluation.confusion import ConfusionPlot
from rnn_designer.ui.training.evaluation.lines import BarPlot, TimePlot, Trail

if TYPE_CHECKING:
    from rnn_designer.messages import Array

_VALUES = ("Forecast", "Residuals")
_CLASSES = ("Confusion", "Classes")
_LABELS = ("Classes",)
_TITLES = {"last_value": "last value", "mean": "mean", "season": "last season"}


class Pictures(QStackedWidget):
    """One picture at a time; :meth:`choose` turns to another."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._output: OutputFigures | None = None
        self._feature = 0
        self._chosen: dict[bool, int] = {True: 0, False: 0}
        self.forecast = TimePlot("Forecast")
        self.residuals = TimePlot("Forecast − target")
        self.histogram = BarPlot("How often")
        self.autocorrelation = BarPlot("Autocorrelation")
        self.confusion = ConfusionPlot()
        self.classes = ClassTable()
        self.said = QLabel()
        self.said.setProperty("role", "muted")
        self.said.setWordWrap(True)
        self.said.setContentsMargins(12, 0, 12, 4)
        self._pages = {
            "Forecast": self.forecast,
            "Residuals": self._residual_page(),
            "Confusion": self.confusion,
            "Classes": self.classes,
        }
        for page in self._pages.values():
            self.addWidget(page)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def _residual_page(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.residuals, 2)
        row.addWidget(self.histogram, 1)
        row.addWidget(self.autocorrelation, 1)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row, 1)
        column.addWidget(self.said)
        return page

    @property
    def titles(self) -> tuple[str, ...]:
        """What can be shown of the output."""
        output = self._output
        if output is None:
            return ()
        if output.forecast is not None:
            return _VALUES
        return _CLASSES if output.classified is not None and output.classified.exclusive else _LABELS

    @property
    def place(self) -> int:
        """Which of the titles is in front."""
        return min(self._chosen[self.titles == _VALUES], max(0, len(self.titles) - 1))

    def choose(self, place: int) -> None:
        """Turn to the picture with that place among the titles."""
        self._chosen[self.titles == _VALUES] = place
        if self.titles:
            self.setCurrentWidget(self._pages[self.titles[self.place]])

    def show_output(self, output: OutputFigures, feature: int = 0) -> None:
        """Show another output, or another of its features."""
        self._output, self._feature = output, feature
        if output.forecast is not None:
            self._show_forecast(output, feature)
        elif output.classified is not None:
            self.classes.show_scores(output.classified, output.features)
            if output.classified.exclusive:
                counts, shown = output.classified.confusion()
                names = tuple("others" if each < 0 else output.features[each] for each in shown.tolist())
                self.confusion.show_counts(counts, names)
        self.choose(self.place)

    def _show_forecast(self, output: OutputFigures, feature: int) -> None:
        forecast = output.forecast
        assert forecast is not None
        trails = [
            Trail("target", forecast.targets[:, feature], "muted"),
            Trail("prediction", forecast.predictions[:, feature], "accent"),
        ]
        if forecast.baselines:
            best = forecast.baselines[0]
            trails.insert(0, Trail(_TITLES[best.name], best.line[:, feature], "warning", dashed=True))
        unit = output.features[feature]
        self.forecast.title = f"{unit}, moment by moment of the part" if len(output.features) == 1 else unit
        self.forecast.show_trails(trails)
        wrong = forecast.residuals[:, feature]
        self.residuals.show_trails([Trail("residual", wrong, "accent")], 0.0)
        self.histogram.show_histogram(wrong)
        self.autocorrelation.show_autocorrelation(wrong)
        self.said.setText(_about_residuals(wrong, self.autocorrelation.beyond_chance))

    def numbers(self) -> Mapping[str, Array]:
        """What the picture in front shows, as columns of one length each."""
        output = self._output
        if output is None:
            return {}
        match self.titles[self.place]:
            case "Forecast":
                return self.forecast.numbers()
            case "Residuals":
                return {
                    **self.residuals.numbers(),
                    **self.histogram.numbers(),
                    **self.autocorrelation.numbers(),
                }
            case "Confusion":
                return self.confusion.numbers()
        found = output.classified
        assert found is not None
        return {
            "class": np.asarray(output.features),
            "there": found.support,
            "precision": found.precision,
            "recall": found.recall,
            "F1": found.f1,
        }


def _about_residuals(wrong: Array, beyond: tuple[int, ...]) -> str:
    """What the residuals say about the model."""
    known = wrong[np.isfinite(wrong)]
    if len(known) < 8:
        return ""
    if not beyond:
        return "The residuals look like chance: what is left of the series cannot be told from its own past errors."
    moments = ", ".join(map(str, beyond[:4])) + (" …" if len(beyond) > 4 else "")
    return (
        f"Errors resemble those {moments} moments before, more than chance would: there is something in the series "
        "that the model has not learned."
    )
