package io.hindsight.hub.export;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.RegularFiles;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The data files of one export, mapped read-only. Mapping costs address space alone: what is resident is the chunks that the merge has
 * open. May be used by one thread at a time, not always the same one.
 */
public final class MappedFiles implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final List<Path> paths;
    private final List<MemorySegment> segments = new ArrayList<>();

    private MappedFiles(List<Path> paths) {
        this.paths = paths;
    }

    /** Maps them all, in this order. */
    public static MappedFiles open(List<Path> paths) {
        MappedFiles files = new MappedFiles(paths);
        try {
            for (Path path : paths) {
                files.segments.add(files.map(path));
            }
            return files;
        } catch (RuntimeException e) {
            files.close();
            throw e;
        }
    }

    private MemorySegment map(Path path) {
        try (FileChannel channel = RegularFiles.open(path)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (IOException e) {
            throw new HindsightException(ErrorCode.IO_FAILED, "Cannot read file=" + path + ": " + e, e);
        }
    }

    /** The whole of a file. */
    public MemorySegment segment(int file) {
        return segments.get(file);
    }

    /** How many there are. */
    public int count() {
        return segments.size();
    }

    /** The failure of a read of this file, with the file's name. */
    public HindsightException failure(int file, Throwable e) {
        String where = "file=" + paths.get(file).getFileName() + ": ";
        if (e instanceof HindsightException known) {
            return new HindsightException(known.code(), where + known.getMessage(), known);
        }
        // A mapped page that the disk refuses, or that is gone because the file was cut, is an InternalError of the
        // JVM.
        return new HindsightException(ErrorCode.IO_FAILED, where + "reading failed: " + e.getMessage(), e);
    }

    /** Unmaps everything. */
    @Override
    public void close() {
        arena.close();
    }
}
