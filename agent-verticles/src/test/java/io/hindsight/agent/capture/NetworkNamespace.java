package io.hindsight.agent.capture;

import io.hindsight.testing.Tools;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A network namespace of the test's own, with a unique name; gone when closed. Needs root. */
public final class NetworkNamespace implements AutoCloseable {
    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final int CLONE_NEWNET = 0x4000_0000;

    private final String name = "hs" + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet();

    public NetworkNamespace() {
        Tools.run("ip", "netns", "add", name).succeeded();
        run("ip", "link", "set", "lo", "up");
    }

    /** A pair of interfaces, one here, one there, both up; without addresses, so that nobody speaks who was not asked to. */
    public void connect(String here, NetworkNamespace there, String peer) {
        run("ip", "link", "add", here, "type", "veth", "peer", "name", peer, "netns", there.name);
        switchOn(here, "02:00:00:00:00:0a");
        there.switchOn(peer, "02:00:00:00:00:0b");
    }

    private void switchOn(String interfaceName, String address) {
        run("ip", "link", "set", interfaceName, "addrgenmode", "none");
        run("ip", "link", "set", interfaceName, "address", address, "up");
    }

    /** The command as it runs in here. */
    public List<String> command(String... command) {
        return Stream.concat(Stream.of("ip", "netns", "exec", name), Stream.of(command)).toList();
    }

    /** Runs a program in here, to its successful end. */
    public void run(String... command) {
        Tools.run(command(command).toArray(String[]::new)).succeeded();
    }

    /** Calls something on a thread that is in here; threads which that one starts are too. */
    public <T> T call(Callable<T> task) throws Exception {
        FutureTask<T> future =
                new FutureTask<>(() -> {
                    enter();
                    return task.call();
                });
        Thread.ofPlatform().name("in-" + name).start(future);
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    @SuppressWarnings("restricted") // only C can move a thread into a namespace
    private void enter() throws Exception {
        Linker linker = Linker.nativeLinker();
        MethodHandle open =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("open"),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
        MethodHandle setns =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("setns"),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        MethodHandle close =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("close"),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom("/run/netns/" + name);
            int fd = (int) open.invokeExact(path, 0);
            int entered = (int) setns.invokeExact(fd, CLONE_NEWNET);
            int closed = (int) close.invokeExact(fd);
            if (entered != 0 || closed != 0) {
                throw new IllegalStateException("setns(" + name + ") failed");
            }
        } catch (Exception e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        Tools.run("ip", "netns", "delete", name).succeeded();
    }
}
