package io.hindsight.agent.capture.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps a {@link LinkTable} true to the kernel, on a thread of its own, and says when it changed. */
final class LinkWatcher implements Runnable, AutoCloseable, RouteNetlinkSocket.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(LinkWatcher.class);
    private static final int LIST_TIMEOUT_MS = 2_000;
    private static final int NO_TIMEOUT = -1;

    private final RouteNetlinkSocket socket = new RouteNetlinkSocket();
    private final WakeUp wakeUp = new WakeUp();
    private final LinkTable table;
    private final Runnable onChange;
    private final MemorySegment descriptors = Arena.ofAuto().allocate(2L * PollDescriptor.LENGTH, Integer.BYTES);

    // The starting thread's until the watcher's thread runs, then that one's.
    private @Nullable Set<Integer> listing;
    private boolean changed;

    private final AtomicReference<@Nullable Runnable> task = new AtomicReference<>();
    private volatile boolean stopping;
    private volatile @Nullable String failure;

    /** {@code onChange} runs on the watcher's thread, once for each batch of changes. */
    LinkWatcher(LinkTable table, Runnable onChange) {
        this.table = table;
        this.onChange = onChange;
        watch(0, socket.fd());
        watch(PollDescriptor.LENGTH, wakeUp.fd());
    }

    private void watch(long offset, int fd) {
        descriptors.set(JAVA_INT, offset + PollDescriptor.FD_OFFSET, fd);
        descriptors.set(JAVA_SHORT, offset + PollDescriptor.EVENTS_OFFSET, PollDescriptor.POLLIN);
    }

    /** Fills the table; returns when it holds every interface. Before {@link #run()}. */
    void list() {
        requestList();
        while (listing != null) {
            if (await(LIST_TIMEOUT_MS) == 0) {
                throw new HindsightException(
                        ErrorCode.IO_FAILED,
                        "The kernel did not list its interfaces within timeoutMs=" + LIST_TIMEOUT_MS + ".");
            }
            receiveAll();
        }
        changed = false;
    }

    private void requestList() {
        listing = new HashSet<>();
        socket.requestList();
    }

    @Override
    public void run() {
        try {
            while (!stopping) {
                await(NO_TIMEOUT);
                wakeUp.clear();
                receiveAll();
                runTask();
                if (changed) {
                    changed = false;
                    onChange.run();
                }
            }
        } catch (Throwable e) { // whatever it was: this thread's end is reported, never silent
            failure = "Interfaces are no longer followed: " + e.getMessage();
            LOG.error("Interfaces are no longer followed.", e);
        }
    }

    private void runTask() {
        Runnable due = task.getAndSet(null);
        if (due != null) {
            due.run();
        }
    }

    /** Runs something on this thread, between two batches of changes. One at a time: the one before has run. */
    void post(Runnable next) {
        task.set(next);
        wakeUp.signal();
    }

    /** Whether what was posted will not run any more, because it had not begun. */
    boolean withdraw(Runnable posted) {
        return task.compareAndSet(posted, null);
    }

    private int await(int timeoutMs) {
        int ready = LibC.poll(descriptors, timeoutMs);
        if (ready < 0 && ready != -SocketConstants.EINTR) {
            throw SystemCalls.failure("poll(AF_NETLINK)", -ready);
        }
        return ready;
    }

    private void receiveAll() {
        try {
            while (socket.receive(this)) {
                // each message was handled by the methods below
            }
        } catch (RouteNetlinkSocket.Overrun overrun) {
            LOG.warn("Changes of interfaces came faster than they could be followed; listing all again.");
            requestList();
        }
    }

    @Override
    public void exists(Link link) {
        changed |= table.put(link);
        if (listing != null) {
            listing.add(link.index());
        }
    }

    @Override
    public void vanished(int index) {
        changed |= table.remove(index);
        if (listing != null) {
            listing.remove(index);
        }
    }

    @Override
    public void listed() {
        if (listing != null) {
            changed |= table.retain(listing);
            listing = null;
        }
    }

    /** Why interfaces are no longer followed, or null while they are. */
    @Nullable String failure() {
        return failure;
    }

    /** Asks the thread to end. */
    void stop() {
        stopping = true;
        wakeUp.signal();
    }

    /** Frees the sockets; the thread has ended. */
    @Override
    public void close() {
        socket.close();
        wakeUp.close();
    }
}
