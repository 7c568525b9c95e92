"""The ground of the canvas: a view with a dotted grid that zooms, pans and fits, whatever the scene shows."""

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsView, QWidget

from rnn_designer.ui.canvas.camera import Camera
from rnn_designer.ui.canvas.scene import CanvasScene
from rnn_designer.ui.theme import theme

_DOTS = 24.0
_DOTS_FROM = 0.4
_NOTCH = 1.15


class GriddedView(QGraphicsView):
    """A view of a :class:`CanvasScene`.

    Attributes:
        canvas_scene: the scene.
        camera: where the view looks.

    Signals:
        zoom_changed(scale): another zoom, 1 for 100 %.
    """

    zoom_changed = Signal(float)

    def __init__(self, scene: CanvasScene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        scene.setParent(self)
        self.canvas_scene = scene
        self.setScene(scene)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        self.camera = Camera(self)

    @property
    def zoom(self) -> float:
        """The zoom, 1 for 100 %."""
        return self.camera.zoom

    def fit(self) -> None:
        """Show the whole design."""
        self.camera.fit(self.canvas_scene.content_rect())
        self.camera_moved()

    def zoom_to(self, scale: float) -> None:
        """Zoom about the middle."""
        self.camera.zoom_to(scale)
        self.camera_moved()

    def reveal(self, layer_id: str) -> None:
        """Bring a layer, note or group into sight."""
        scene = self.canvas_scene
        item = scene.item_for_layer.get(layer_id)
        mark = scene.marks.notes.get(layer_id) or scene.marks.groups.get(layer_id)
        if item is not None:
            self.camera.reveal(item.shown_rect())
            self.camera_moved()
        elif mark is not None:
            self.camera.reveal(mark.scene_rect())
            self.camera_moved()

    def centre_on(self, point: QPointF) -> None:
        """Put a point of the scene in the middle."""
        self.camera.centre_on(point)
        self.camera_moved()

    def pan_by(self, pixels: QPoint) -> None:
        """Move the picture by some pixels."""
        self.camera.pan_by(pixels)
        self.camera_moved()

    def camera_moved(self) -> None:
        """The view looks elsewhere."""
        self.zoom_changed.emit(self.zoom)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer."""
        turned = event.angleDelta().y() or event.angleDelta().x()
        if turned:
            self.camera.zoom_to(self.zoom * _NOTCH ** (turned / 120.0), event.position().toPoint())
            self.camera_moved()
        event.accept()

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Paint the ground and, unless it is far away, the dots."""
        colors = theme()
        area = QRectF(rect)
        painter.fillRect(area, colors.color("canvas"))
        if self.zoom < _DOTS_FROM:
            return
        spacing = _DOTS if self.zoom >= 0.75 else 2 * _DOTS
        left, top = int(area.left() // spacing), int(area.top() // spacing)
        right, bottom = int(area.right() // spacing) + 1, int(area.bottom() // spacing) + 1
        size = 2.0 / self.zoom if self.zoom < 1.0 else 2.0
        half = size / 2
        # Plain squares without smoothing: round points cost more than everything else on the canvas together.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.color("grid"))
        painter.drawRects(
            [
                QRectF(x * spacing - half, y * spacing - half, size, size)
                for x in range(left, right + 1)
                for y in range(top, bottom + 1)
            ]
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
