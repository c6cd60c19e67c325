class Trials:
    """Connections that were silent, each tried by one lane: first by a read, then, once that was answered, by one batch."""

    def __init__(self) -> None:
        self._lane_of: dict[int, int] = {}  # connection -> the lane that tries it
        self._answered: set[int] = set()  # connections that answered the read

    def begin(self, connection_id: int, lane_id: int) -> bool:
        """False if a lane tries the connection already."""
        if connection_id in self._lane_of:
            return False
        self._lane_of[connection_id] = lane_id
        return True

    def note_answer(self, connection_id: int) -> None:
        self._answered.add(connection_id)

    def answered_for(self, lane_id: int) -> frozenset[int]:
        """Connections that this lane tries, and that answered."""
        return frozenset(key for key in self._answered if self._lane_of.get(key) == lane_id)

    def end(self, lane_id: int) -> None:
        for tried in [key for key, lane in self._lane_of.items() if lane == lane_id]:
            del self._lane_of[tried]
            self._answered.discard(tried)
