package io.hindsight.hub.lane;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Room for chunks that have arrived and are not written yet, of all lanes together. A lane gets room for one whole chunk before it reads the chunk's
 * body, first come first served: so what is held is bounded whatever the number of agents, a lane with small chunks is not passed by for ever, and no
 * half-received chunks can block each other. Whoever waits first also holds back those who would fit: else large chunks would starve.
 *
 * <p>It cannot lock up: a chunk that has room waits for its agent alone, which {@link LaneLimits#patience} bounds, and a chunk that was handed on waits for
 * the disk alone.
 *
 * <p>Thread-safe: lanes ask on their event loops, chunks give back on whichever thread has written them.
 */
public final class LaneMemory {
    private final long limitBytes;

    // Guarded by this.
    private final Deque<Room> waiting = new ArrayDeque<>();
    private long usedBytes;

    private enum State {
        WAITING,
        HELD,
        GIVEN_BACK
    }

    /** Room for one chunk, or the claim to it. */
    public final class Room {
        private final long bytes;
        private final Runnable granted;
        private State state = State.WAITING;

        private Room(long bytes, Runnable granted) {
            this.bytes = bytes;
            this.granted = granted;
        }

        /** Whether the chunk may be read now. */
        public boolean isHeld() {
            synchronized (LaneMemory.this) {
                return state == State.HELD;
            }
        }

        /** Ends the claim, also one that still waits. Idempotent; any thread. */
        public void giveBack() {
            LaneMemory.this.giveBack(this);
        }
    }

    /** {@code limitBytes}: as many bytes of chunks at once, at least one chunk's. */
    public LaneMemory(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** Longest chunk for which there can ever be room. */
    public long limitBytes() {
        return limitBytes;
    }

    /**
     * Claims room.
     *
     * @param bytes at most {@link #limitBytes}
     * @param granted runs once the room is held, unless it is held at once: on the thread that gave room back, so it only hands over
     */
    public synchronized Room claim(long bytes, Runnable granted) {
        if (bytes > limitBytes) {
            throw new IllegalArgumentException("bytes=" + bytes + " of limitBytes=" + limitBytes);
        }
        Room room = new Room(bytes, granted);
        waiting.add(room);
        grantFitting();
        return room;
    }

    private void giveBack(Room room) {
        List<Room> granted;
        synchronized (this) {
            switch (room.state) {
                case WAITING -> waiting.remove(room);
                case HELD -> usedBytes -= room.bytes;
                case GIVEN_BACK -> {
                    return;
                }
            }
            room.state = State.GIVEN_BACK;
            granted = grantFitting();
        }
        granted.forEach(each -> each.granted.run());
    }

    private List<Room> grantFitting() {
        List<Room> granted = new ArrayList<>();
        while (!waiting.isEmpty() && usedBytes + waiting.element().bytes <= limitBytes) {
            Room next = waiting.remove();
            next.state = State.HELD;
            usedBytes += next.bytes;
            granted.add(next);
        }
        return granted;
    }

    /** Bytes of rooms that are held. */
    public synchronized long usedBytes() {
        return usedBytes;
    }

    /** Claims that wait. */
    public synchronized int waitingCount() {
        return waiting.size();
    }
}
