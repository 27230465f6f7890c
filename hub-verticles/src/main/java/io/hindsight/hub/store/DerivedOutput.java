package io.hindsight.hub.store;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/** Where a derived file's bytes go: counted, digested, and written in pieces. Closing it does nothing: its file is another's. One thread. */
final class DerivedOutput extends OutputStream {
    private static final int BUFFER_LENGTH = 64 << 10;

    private final AppendFile file;
    private final MessageDigest digester = Digest.digester();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_LENGTH);
    private long length;

    DerivedOutput(AppendFile file) {
        this.file = file;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        length += count;
        if (length > DerivedFile.MAX_LENGTH) {
            throw new IOException(
                    "file=" + file.path().getFileName() + " grows beyond bytes limit=" + DerivedFile.MAX_LENGTH);
        }
        for (int done = 0; done < count; ) {
            int piece = Math.min(count - done, buffer.remaining());
            buffer.put(bytes, offset + done, piece);
            done += piece;
            if (!buffer.hasRemaining()) {
                drain();
            }
        }
    }

    private void drain() {
        buffer.flip();
        digester.update(buffer.duplicate());
        file.append(buffer);
        buffer.clear();
    }

    /** Writes what is left, forces the file, and says what it is. */
    Manifest.File finish() {
        drain();
        file.force();
        return new Manifest.File(String.valueOf(file.path().getFileName()), length, Digest.of(digester).hex());
    }
}
