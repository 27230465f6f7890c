package io.hindsight.simulation.disk;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileLock;

/** A lock of a whole file. It belongs to the process, and so ends when the process closes any channel of the file, as on Linux. */
final class DiskLock extends FileLock {
    private final DiskChannel channel;

    DiskLock(DiskChannel channel) {
        super(channel, 0, Long.MAX_VALUE, false);
        this.channel = channel;
    }

    boolean isOf(DiskFileSystem process) {
        return channel.process() == process;
    }

    @Override
    public boolean isValid() {
        return channel.isOpen() && channel.holds(this);
    }

    @Override
    public void release() throws IOException {
        if (!channel.isOpen()) {
            throw new ClosedChannelException();
        }
        channel.release(this);
    }
}
