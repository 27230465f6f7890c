package io.hindsight.agent.os;

import static org.awaitility.Awaitility.await;

import io.hindsight.agent.os.netlink.ProcessConnector;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Another listener to the same events, which does nothing but count them, and so keeps up. */
final class ConnectorWitness implements AutoCloseable {
    private final ProcessConnector connector = ProcessConnector.open(4 * ProcessConnector.RECEIVE_BUFFER_BYTES);
    private final Set<Integer> ended = ConcurrentHashMap.newKeySet();
    private final Thread thread = Thread.ofPlatform().name("witness").start(this::listen);
    private volatile boolean stopping;
    private volatile long received;
    private volatile long lost;

    private void listen() {
        Ends ends = new Ends();
        long missed = 0;
        while (!stopping) {
            connector.await(20);
            while (connector.receive(ends)) {
                received = connector.received();
            }
            missed += connector.takeLost();
            lost = missed;
        }
    }

    private final class Ends implements ProcessConnector.Listener {
        @Override
        public void forked(long monotonicNs, int parent, int child) {}

        @Override
        public void executed(long monotonicNs, int process) {}

        @Override
        public void exited(long monotonicNs, int process, int parent, int status) {
            ended.add(process);
        }

        @Override
        public void userChanged(int process, int uid) {}

        @Override
        public void renamed(int process, String command) {}
    }

    long received() {
        return received;
    }

    long lost() {
        return lost;
    }

    /** Waits until it has heard of everything that happened before. */
    void catchUp() throws IOException, InterruptedException {
        for (int processor = 0; processor < Runtime.getRuntime().availableProcessors(); processor++) {
            try (Child child = new Child("taskset", "-c", "" + processor, "true")) {
                int pid = child.pid();
                child.exitStatus();
                await().until(() -> ended.contains(pid));
            }
        }
    }

    @Override
    public void close() throws IOException {
        stopping = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        connector.close();
    }
}
