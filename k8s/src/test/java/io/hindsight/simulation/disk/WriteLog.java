package io.hindsight.simulation.disk;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;

/**
 * A file's writes and cuts that were not forced, oldest first, each with what it overwrote: undone backwards they give what is on disk.
 * Appending, which is nearly everything, so costs a small record and no copy. Guarded by the disk.
 */
final class WriteLog {
    static final int SECTOR_SIZE = 512;

    private final List<Change> changes = new ArrayList<>();

    private enum Fate {
        /** A power cut may lose it. */
        UNFORCED,

        /** Its sync failed: a power cut may lose it, and no later sync saves it. */
        DROPPED,

        /** It was forced, but lies behind one that was dropped. */
        FORCED
    }

    /** One write, or one cut: then {@code offset} is the new size. */
    private static final class Change {
        final boolean cut;
        final int offset;
        final int length;
        final int sizeBefore;
        final byte[] overwritten;
        Fate fate = Fate.UNFORCED;

        Change(boolean cut, long offset, long length, long sizeBefore, byte[] overwritten) {
            this.cut = cut;
            this.offset = (int) offset;
            this.length = (int) length;
            this.sizeBefore = (int) sizeBefore;
            this.overwritten = overwritten;
        }
    }

    /** Notes a write that is about to happen. */
    void write(MemorySegment content, long size, long offset, int length) {
        int overwritten = (int) Math.max(0, Math.min(size - offset, length));
        changes.add(new Change(false, offset, length, size, bytes(content, offset, overwritten)));
    }

    /** Notes a cut that is about to happen. */
    void truncate(MemorySegment content, long size, long newSize) {
        changes.add(new Change(true, newSize, size - newSize, size, bytes(content, newSize, (int) (size - newSize))));
    }

    private static byte[] bytes(MemorySegment content, long offset, int length) {
        byte[] bytes = new byte[length];
        MemorySegment.copy(content, ValueLayout.JAVA_BYTE, offset, bytes, 0, length);
        return bytes;
    }

    void force() {
        if (changes.stream().noneMatch(change -> change.fate == Fate.DROPPED)) {
            changes.clear();
        }
        changes.stream().filter(change -> change.fate == Fate.UNFORCED).forEach(change -> change.fate = Fate.FORCED);
    }

    void forceFailed() {
        changes.stream().filter(change -> change.fate == Fate.UNFORCED).forEach(change -> change.fate = Fate.DROPPED);
    }

    void clear() {
        changes.clear();
    }

    /** What is on disk for certain, of a file that programs see so. */
    byte[] durable(byte[] current) {
        return replayed(current, change -> change.fate == Fate.FORCED ? change.length : 0);
    }

    /** What a power cut leaves. */
    byte[] cutPower(byte[] current, RandomGenerator random) {
        int mode = random.nextInt(4);
        return replayed(
                current,
                change -> {
                    if (change.fate == Fate.FORCED || PageChoice.keep(mode, random)) {
                        return change.length;
                    }
                    return mode != 0 && random.nextBoolean() ? tornLength(change, random) : 0;
                });
    }

    /** The file as it would be had every change, the oldest first, done so many of its bytes; a cut is done or not. */
    private byte[] replayed(byte[] current, ToIntFunction<Change> done) {
        if (changes.isEmpty()) {
            return current;
        }
        Image image = new Image(current);
        Deque<byte[]> written = new ArrayDeque<>();
        for (Change change : changes.reversed()) {
            written.push(image.written(change));
            image.undo(change);
        }
        for (Change change : changes) {
            image.redo(change, written.pop(), done.applyAsInt(change));
        }
        return image.bytes();
    }

    /** The write got as far as a sector's end. */
    private static int tornLength(Change change, RandomGenerator random) {
        int firstEnd = SECTOR_SIZE - change.offset % SECTOR_SIZE;
        if (change.cut || change.length <= firstEnd) {
            return 0;
        }
        int ends = (change.length - firstEnd - 1) / SECTOR_SIZE + 1;
        return firstEnd + random.nextInt(ends) * SECTOR_SIZE;
    }

    /** Bytes and length of the file while changes are undone and done again. */
    private static final class Image {
        private byte[] bytes;
        private int size;

        Image(byte[] bytes) {
            this.bytes = bytes;
            this.size = bytes.length;
        }

        /** What the change, the newest that is done, wrote. */
        byte[] written(Change change) {
            return change.cut ? new byte[0] : Arrays.copyOfRange(bytes, change.offset, change.offset + change.length);
        }

        void undo(Change change) {
            grow(change.sizeBefore);
            System.arraycopy(change.overwritten, 0, bytes, change.offset, change.overwritten.length);
            if (change.sizeBefore < size) {
                Arrays.fill(bytes, change.sizeBefore, size, (byte) 0);
            }
            size = change.sizeBefore;
        }

        void redo(Change change, byte[] written, int length) {
            if (length == 0) {
                return;
            }
            if (change.cut) {
                cut(change.offset);
            } else {
                grow(change.offset + length);
                System.arraycopy(written, 0, bytes, change.offset, length);
                size = Math.max(size, change.offset + length);
            }
        }

        private void cut(int newSize) {
            if (newSize < size) {
                Arrays.fill(bytes, newSize, size, (byte) 0);
                size = newSize;
            }
        }

        private void grow(int needed) {
            if (needed > bytes.length) {
                bytes = Arrays.copyOf(bytes, needed);
            }
        }

        byte[] bytes() {
            return bytes.length == size ? bytes : Arrays.copyOf(bytes, size);
        }
    }
}
